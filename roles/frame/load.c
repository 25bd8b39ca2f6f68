/* Loading; see load.h. */
#include "frame/load.h"

#include "base/item.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/text.h"
#include "codec/pem.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "frame/place.h"
#include "situs/evidence_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* memory_for gives so many bytes, which the caller frees. */
static bool memory_for(void **memory, size_t size, struct situs_err *err)
{
    *memory = malloc(size);
    return *memory ||
           err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
}

/* stands_for puts the evidence in the place of the text that it was read from, which is never
 * shorter. */
static bool stands_for(struct file *f, struct situs_err *err)
{
    struct situs_item in = item_of("evidence", file_span(f)), out;
    size_t size = situs_evidence_memory(in);
    void *memory;
    bool ok = memory_for(&memory, size, err) &&
              situs_evidence_read(in, (struct situs_memory){memory, size}, &out, err);
    if (ok && out.size > LIMIT_BUNDLE) {
        ok = err_fail(err, SITUS_TOO_LONG, in.name, "size", SITUS_NO_OFFSET,
                      TEXT_BYTES(LIMIT_BUNDLE), TEXT_BYTES(out.size));
    } else if (ok) {
        memmove(f->p, out.p, out.size);
        f->n = out.size;
    }
    free(memory);
    return ok;
}

bool load_evidence(struct file *f, const char *path, int *exit, struct situs_err *err)
{
    *exit = EXIT_GOOD;
    if (!file_read(f, path, LIMIT_EVIDENCE_TEXT, err))
        *exit = file_exit(err);
    else if (!stands_for(f, err))
        *exit = EXIT_BAD_BYTES;
    if (*exit == EXIT_BAD_BYTES)
        file_free(f);
    return *exit == EXIT_GOOD;
}

char *load_presets(char *buffer, size_t size)
{
    size_t n = 0;
    buffer[0] = 0;
    for (size_t i = 0; situs_policy_preset_name(i) && n < size; i++)
        n += (size_t)snprintf(buffer + n, size - n, "%s%s", i ? ", " : "",
                              situs_policy_preset_name(i));
    return buffer;
}

static bool no_such_policy(const char *name, struct situs_err *err)
{
    const char *names[32];
    size_t n = 0;
    char list[256], hint[512];
    for (; n < 32 && situs_policy_preset_name(n); n++)
        names[n] = situs_policy_preset_name(n);
    const char *near = near_word(name, names, n);
    load_presets(list, sizeof list);
    if (near)
        snprintf(hint, sizeof hint, "did you mean \"%s\"? presets: %s", near, list);
    else
        snprintf(hint, sizeof hint,
                 "presets: %s; \"situs policy new\" writes others, from evidence or (--template) "
                 "as a form to fill in",
                 list);
    err_fail(err, SITUS_MISSING, name, "", SITUS_NO_OFFSET, "a policy file or a preset", "neither");
    out_error("no policy file and no preset is called \"%s\"", name);
    out_hint("%s", hint);
    return err_hint(err, hint);
}

/* What is no JSON at all: another file was named. */
static void hint_format(struct situs_err *err, const char *hint)
{
    if (err->code == SITUS_MALFORMED || err->code == SITUS_TOO_SHORT)
        err_hint(err, hint);
}

/* What is wrong with text that is no JSON (RFC 8259), by the byte at which reading stopped. */
static void hint_json(struct situs_err *err, struct span text, const char *start)
{
    size_t i = 0;
    while (i < text.n && strchr(" \n\r\t", text.p[i]) && text.p[i])
        i++;
    uint8_t last =
        err->at != SITUS_NO_OFFSET && err->at > 0 && err->at <= text.n ? text.p[err->at - 1] : 0;
    if (i < text.n && text.p[i] != '{' && err->code == SITUS_MALFORMED)
        err_hint(err, start);
    else if (last == '/' || last == '#')
        err_hint(err, "JSON has no comments: take them out");
    else if (last == '}' || last == ']')
        err_hint(err, "after the last element stands no comma");
    else if (strcmp(err->expected, "an array") == 0)
        err_hint(err, "a list stands in brackets, also one of one element: [\"...\"]");
}

static bool is_preset(const char *name)
{
    for (size_t i = 0; situs_policy_preset_name(i); i++)
        if (strcmp(situs_policy_preset_name(i), name) == 0)
            return true;
    return false;
}

static const struct situs_policy *read_policy(struct loaded_policy *p, const char *name,
                                              struct situs_err *err)
{
    if (is_preset(name))
        return memory_for(&p->memory, SITUS_POLICY_MEMORY, err)
                   ? situs_policy_preset(name,
                                         (struct situs_memory){p->memory, SITUS_POLICY_MEMORY}, err)
                   : NULL;
    if (!file_read(&p->file, name, LIMIT_POLICY, err))
        return NULL;
    struct situs_item item = item_of(p->called ? p->called : name, file_span(&p->file));
    size_t size = situs_policy_memory(item);
    return memory_for(&p->memory, size, err)
               ? situs_policy_read(item, (struct situs_memory){p->memory, size}, err)
               : NULL;
}

/* A mistake in a file of JSON, by line and column where it has a place. */
static void say_place(const char *path, struct span text, const struct situs_err *err)
{
    char name[1024];
    struct situs_err placed = *err;
    struct place p = place_find(text, err);
    if (!p.line) {
        out_failure_of(path, err);
        return;
    }
    snprintf(name, sizeof name, "%.900s:%zu:%zu", path, p.line, p.column);
    placed.at = SITUS_NO_OFFSET;
    out_failure_of(name, &placed);
}

void load_failure(const char *path, struct span text, const char *hint, struct situs_err *err)
{
    hint_json(err, text, hint);
    hint_format(err, hint);
    say_place(path, text, err);
}

/* say_other names another kind of file; in one of the right kind it says where it is wrong. */
static void say_other(const char *path, struct span bytes, unsigned place, const char *expected,
                      struct situs_err *err)
{
    if (bytes.n && evidence_kind_named(bytes, place, path, expected, err))
        out_failure_of(path, err);
    else
        say_place(path, bytes, err);
}

bool load_policy(struct loaded_policy *p, const char *name)
{
    struct situs_err *err = &p->why;
    if (!is_preset(name) && access(name, F_OK) != 0 && strcmp(name, "-") != 0)
        return no_such_policy(name, err);
    p->policy = read_policy(p, name, err);
    if (strcmp(err->got, "null") == 0)
        err_hint(err, "an empty place, for a person to fill; \"situs policy check\" lists them");
    hint_json(err, file_span(&p->file),
              "a policy is one JSON object, {\"require\": [...]}: \"situs policy new\" writes one");
    hint_format(err, "situs-policy(5) says what belongs there");
    if (!p->policy)
        say_other(name, file_span(&p->file), PLACE_POLICY, "a policy", err);
    return p->policy != NULL;
}

void load_policy_free(struct loaded_policy *p)
{
    file_free(&p->file);
    free(p->memory);
}

/* PEM, or a DER SEQUENCE with a size of two bytes: an anchor to be. */
static bool is_certificate(struct span s)
{
    return span_starts(s, SPAN_LIT(PEM_BEGIN(PEM_CERTIFICATE))) ||
           (s.n > 2 && s.p[0] == 0x30 && s.p[1] == 0x82);
}

static void say_certificate(const char *path)
{
    struct situs_err err = {0};
    err_fail(&err, SITUS_UNKNOWN, path, "", SITUS_NO_OFFSET, "a trust file", "a certificate");
    err_hint(&err, "\"situs trust add --for USE CERTIFICATE --trust FILE\" makes it an anchor of a "
                   "trust file");
    out_failure_of(path, &err);
}

bool load_trust(struct loaded_trust *t, const char *path)
{
    struct situs_err err = {0};
    t->trust = path ? NULL : situs_trust_builtin();
    if (!path)
        return true;
    bool ok = file_read(&t->file, path, LIMIT_TRUST, &err);
    struct situs_item item = item_of(path, file_span(&t->file));
    size_t size = situs_trust_memory(item);
    if (ok && memory_for(&t->memory, size, &err))
        t->trust = situs_trust_read(item, (struct situs_memory){t->memory, size}, &err);
    hint_json(
        &err, file_span(&t->file),
        "a trust file is one JSON object, {\"anchors\": [...]}: \"situs trust add\" writes one");
    hint_format(&err, "situs-trust(5) says what belongs there");
    if (!t->trust && is_certificate(file_span(&t->file)))
        say_certificate(path);
    else if (!t->trust)
        say_other(path, file_span(&t->file), PLACE_TRUST, "a trust file", &err);
    return t->trust != NULL;
}

void load_trust_free(struct loaded_trust *t)
{
    file_free(&t->file);
    free(t->memory);
}

int load_with_trust(const char *path, load_then *then, void *of)
{
    struct loaded_trust t = {0};
    int exit = load_trust(&t, path) ? then(of, t.trust) : EXIT_USAGE;
    load_trust_free(&t);
    return exit;
}

bool load_snapshot(struct loaded_snapshot *s, const struct situs_item *parts, size_t n,
                   const struct situs_trust *trust, struct situs_err *err)
{
    s->size = situs_snapshot_memory(parts, n);
    if (!memory_for(&s->memory, s->size, err))
        return false;
    struct situs_memory memory = {s->memory, s->size};
    s->snapshot = situs_snapshot_load(parts, n, trust, memory, err);
    return s->snapshot != NULL;
}

bool load_reads(const struct loaded_snapshot *s, const struct situs_item *parts, size_t n,
                const struct situs_trust *trust)
{
    struct situs_err ignored;
    struct situs_memory memory = {s->memory, s->memory ? s->size : 0};
    return situs_collateral_read(parts, n, trust, memory, &ignored);
}

void load_snapshot_free(struct loaded_snapshot *s)
{
    situs_snapshot_free(s->snapshot);
    free(s->memory);
}

bool load_endorsements(struct loaded_endorsements *e, const struct situs_item *items, size_t n,
                       const struct situs_trust *trust, struct situs_err *err)
{
    size_t size = situs_endorsements_memory(items, n);
    if (n == 0)
        return true;
    if (!memory_for(&e->memory, size, err))
        return false;
    struct situs_memory memory = {e->memory, size};
    e->endorsements = situs_endorsements_load(items, n, trust, memory, err);
    return e->endorsements != NULL;
}

void load_endorsements_free(struct loaded_endorsements *e)
{
    situs_endorsements_free(e->endorsements);
    free(e->memory);
}

int load_exit(const struct situs_err *err)
{
    bool absent = err->code == SITUS_MISSING || err->code == SITUS_EXPIRED ||
                  err->code == SITUS_NOT_YET_VALID || err->code == SITUS_MISMATCH;
    return absent ? EXIT_COLLATERAL : EXIT_BAD_BYTES;
}

int load_own_exit(const struct loaded_snapshot *s, const struct situs_item *parts, size_t n,
                  const struct situs_trust *trust, const struct situs_err *err)
{
    return load_reads(s, parts, n, trust) ? load_exit(err) : EXIT_USAGE;
}
