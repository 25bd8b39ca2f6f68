/* situs show: what an object says, NOT VERIFIED. */
#include "base/limits.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "show/show.h"

#include <stdlib.h>

#define SHOW_ROOM ((size_t)32 * 1024 * 1024) /* a log of 1 MiB, in hex, with digests and names */

static bool show_text_form(struct span bytes, struct arena *a, struct situs_err *err)
{
    struct show s = {.json = false, .a = a};
    out_print("NOT VERIFIED: this is what the bytes say, whoever made them\n");
    return show_object(&s, bytes, err);
}

static bool show_json_form(struct span bytes, struct arena *a, struct situs_err *err)
{
    void *memory = malloc(SHOW_ROOM);
    struct wr w = wr_new(memory, memory ? SHOW_ROOM : 0);
    struct json_out o = json_out_new(&w, true);
    struct show s = {.json = true, .out = &o, .a = a};
    json_out_object(&o);
    json_out_pair_bool(&o, "verified", false);
    bool ok = show_object(&s, bytes, err);
    if (ok) {
        json_out_close(&o);
        ok = json_out_end(&o) || err_fail(err, SITUS_NO_MEMORY, "show", "", SITUS_NO_OFFSET,
                                          "an output of at most 32 MiB", "more");
    }
    if (ok)
        out_written(&w, true);
    free(memory);
    return ok;
}

command_function cmd_show;
int cmd_show(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    struct situs_err err = {0};
    struct file file;
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    if (!file_read(&file, path, LIMIT_LIST, &err)) {
        out_failure(&err);
        return file_exit(&err);
    }
    void *memory = malloc(SHOW_ROOM);
    struct arena a = arena_new(memory, memory ? SHOW_ROOM : 0);
    bool ok = json ? show_json_form(file_span(&file), &a, &err)
                   : show_text_form(file_span(&file), &a, &err);
    if (!ok)
        out_failure_of(path, &err);
    free(memory);
    file_free(&file);
    return ok ? EXIT_GOOD : EXIT_BAD_BYTES;
}
