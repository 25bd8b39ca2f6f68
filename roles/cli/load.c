/* Loading; see load.h. */
#include "cli/load.h"

#include "cli/args.h"
#include "cli/command.h"
#include "cli/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* memory_for gives an arena of so many bytes; its memory is freed by the caller. */
static bool memory_for(void **memory, struct arena *a, size_t size, struct situs_err *err)
{
    *memory = malloc(size);
    if (!*memory)
        return err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
    *a = arena_new(*memory, size);
    return true;
}

char *load_presets(char *buffer, size_t size)
{
    size_t n = 0;
    buffer[0] = 0;
    for (size_t i = 0; policy_preset_name(i) && n < size; i++)
        n += (size_t)snprintf(buffer + n, size - n, "%s%s", i ? ", " : "", policy_preset_name(i));
    return buffer;
}

static bool no_such_policy(const char *name)
{
    const char *names[32];
    size_t n = 0;
    char list[256];
    for (; n < 32 && policy_preset_name(n); n++)
        names[n] = policy_preset_name(n);
    const char *near = args_nearest(name, names, n);
    out_error("no policy file and no preset is called \"%s\"", name);
    if (near)
        out_hint("did you mean \"%s\"? presets: %s", near, load_presets(list, sizeof list));
    else
        out_hint("presets: %s", load_presets(list, sizeof list));
    return false;
}

/* What is no JSON at all: another file was named. */
static void hint_format(struct situs_err *err, const char *hint)
{
    if (err->code == SITUS_MALFORMED || err->code == SITUS_TOO_SHORT)
        err_hint(err, hint);
}

bool load_policy(struct loaded_policy *p, const char *name)
{
    struct situs_err err = {0};
    struct arena a;
    struct span text = policy_preset(name);
    if (!text.p && access(name, F_OK) != 0 && strcmp(name, "-") != 0)
        return no_such_policy(name);
    bool ok = text.p || file_read(&p->file, name, LIMIT_POLICY, &err);
    text = text.p ? text : file_span(&p->file);
    ok = ok && memory_for(&p->memory, &a, 4 * LIMIT_POLICY, &err) &&
         policy_read(&p->policy, name, text, &a, &err);
    hint_format(&err, "situs-policy(5) says what the file holds; \"situs policy check\" helps");
    if (!ok)
        out_failure_of(name, &err);
    return ok;
}

void load_policy_free(struct loaded_policy *p)
{
    file_free(&p->file);
    free(p->memory);
}

bool load_trust(struct loaded_trust *t, const char *path)
{
    struct situs_err err = {0};
    struct arena a;
    t->trust = path ? &t->read : trust_builtin();
    if (!path)
        return true;
    bool ok = file_read(&t->file, path, LIMIT_TRUST, &err) &&
              memory_for(&t->memory, &a, 4 * LIMIT_TRUST, &err) &&
              trust_read(&t->read, file_span(&t->file), &a, &err);
    hint_format(&err, "situs-trust(5) says what the file holds");
    if (!ok)
        out_failure_of(path, &err);
    return ok;
}

void load_trust_free(struct loaded_trust *t)
{
    file_free(&t->file);
    free(t->memory);
}

bool load_snapshot(struct loaded_snapshot *s, const struct collateral_part *parts, size_t n,
                   const struct trust *trust, struct situs_err *err)
{
    struct arena a;
    if (!memory_for(&s->memory, &a, collateral_room(parts, n), err))
        return false;
    s->loaded = true; /* to be freed also after failure */
    return snapshot_load(&s->snapshot, parts, n, trust, &a, err);
}

void load_snapshot_free(struct loaded_snapshot *s)
{
    if (s->loaded)
        snapshot_free(&s->snapshot);
    free(s->memory);
}

int load_exit(const struct situs_err *err)
{
    bool absent = err->code == SITUS_MISSING || err->code == SITUS_EXPIRED ||
                  err->code == SITUS_NOT_YET_VALID || err->code == SITUS_MISMATCH;
    return absent ? EXIT_COLLATERAL : EXIT_BAD_BYTES;
}
