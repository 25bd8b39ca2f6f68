/*
 * situs poe export: platforms whose ownership endorsements hold, as reference values for other verifiers: an unsigned CoRIM
 * (draft-ietf-rats-corim-11) of reference triples, of which Confidential Containers' RVPS makes one name a platform,
 * VENDOR/MODEL/PIID/raw_bytes, with the PIID in hex for its value.
 */
#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/cbor.h"
#include "endorse/poe/corim_write.h"
#include "frame/dir.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "verifier/poe_asked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

#define PIID_TEXT (2 * 32 + 1)
#define OWNER_TEXT 1100 /* an owner is at most 1024 bytes */
#define TRIPLES_ROOM(n) ((n)*128 + 128)
#define CORIM_ROOM(n) (TRIPLES_ROOM(n) + 256)

#define TAG_BYTES 560    /* draft-ietf-rats-corim-11, IANA considerations */
#define MVAL_RAW_VALUE 4 /* of a measurement-values-map */

struct export
{
    struct poe_asked asked;
    char(*piid)[PIID_TEXT]; /* malloc'd, n of them */
    size_t n, room;
    char owner[OWNER_TEXT]; /* of all of them */
    int64_t until;
    bool simulated;
    int exit; /* of what was refused */
};

static bool refuse(struct export *x, int exit, const char *path, const char *what, const char *hint)
{
    x->exit = exit;
    out_error("%s: %s; nothing is written", path, what);
    out_hint("%s", hint);
    return false;
}

static bool keep(struct export *x, const char *piid)
{
    if (x->n == x->room) {
        size_t room = x->room ? 2 * x->room : 64;
        void *more = realloc(x->piid, room * sizeof *x->piid);
        if (!more)
            return false;
        x->piid = more;
        x->room = room;
    }
    snprintf(x->piid[x->n++], PIID_TEXT, "%s", piid);
    return true;
}

/* One endorsement that holds is one platform of the list. */
static bool add(struct export *x, const struct situs_poe *poe, const char *path)
{
    char piid[PIID_TEXT], owner[OWNER_TEXT], end[32];
    int64_t until;
    if (!situs_poe_claim(poe, "piid", piid, sizeof piid) ||
        !situs_poe_claim(poe, "owner", owner, sizeof owner) ||
        !situs_poe_claim(poe, "not_after", end, sizeof end) ||
        !time_read_rfc3339(&until, span_text(end)))
        return refuse(x, 2, path, "names no platform, owner or end", "ask its issuer");
    if (x->n && strcmp(owner, x->owner) != 0)
        return refuse(x, EXIT_USAGE, path, "is of another owner than those before",
                      "a list is of one owner: export each one's by itself");
    if (x->n && situs_poe_simulated(poe) != x->simulated)
        return refuse(x, EXIT_USAGE, path, "some issuers are simulated, and some are not",
                      "export those by themselves");
    memcpy(x->owner, owner, sizeof owner);
    x->simulated = situs_poe_simulated(poe);
    if (x->n == 0 || until < x->until)
        x->until = until;
    return keep(x, piid) || refuse(x, EXIT_USAGE, path, "no memory", "free some");
}

static bool judge(struct export *x, const struct situs_poe *poe, const char *path)
{
    struct situs_error e;
    if (situs_poe_holds(poe))
        return add(x, poe, path);
    x->exit = situs_poe_exit(poe);
    out_error("%s does not hold; nothing is written", path);
    if (situs_poe_reason(poe, &e))
        out_failure_of(path, &e.why);
    return false;
}

static bool see(void *own, const char *path, struct situs_err *err)
{
    struct export *x = own;
    struct file file = {.p = NULL};
    bool ok = file_read(&file, path, LIMIT_POE, err);
    if (ok) {
        struct situs_poe_request q = poe_asked_request(&x->asked, item_of(path, file_span(&file)));
        size_t room = situs_poe_memory(&q);
        void *memory = malloc(room);
        ok = judge(x, situs_poe_verify(&q, (struct situs_memory){memory, memory ? room : 0}), path);
        free(memory);
    }
    file_free(&file);
    return ok;
}

static bool see_operand(struct export *x, const char *path)
{
    struct situs_err err = {0};
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    x->exit = EXIT_USAGE;
    if (folder ? dir_each(path, see, x, &err) : see(x, path, &err))
        return true;
    if (err.code != SITUS_NONE) {
        out_failure(&err);
        x->exit = file_exit(&err);
    }
    return false;
}

static int in_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* [[{0: {1: vendor, 2: model}}, [{0: PIID in hex, 1: {4: 560(PIID)}}, ...]]] */
static bool put_triples(struct wr *w, const struct export *x)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, 0); /* reference-triples */
    cbor_put_array(&o, 1);
    cbor_put_array(&o, 2);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, 0);
    cbor_put_map(&o, 2);
    cbor_put_uint(&o, 1);
    cbor_put_text(&o, span_text(x->simulated ? "SIMULATED" : "Intel"));
    cbor_put_uint(&o, 2);
    cbor_put_text(&o, SPAN_LIT("platform-instance"));
    cbor_put_array(&o, x->n);
    for (size_t i = 0; i < x->n; i++) {
        uint8_t piid[PIID_TEXT / 2];
        size_t size = strlen(x->piid[i]) / 2;
        if (!text_hex_read(piid, size, span_text(x->piid[i])))
            return false;
        cbor_put_map(&o, 2);
        cbor_put_uint(&o, 0);
        cbor_put_text(&o, span_text(x->piid[i]));
        cbor_put_uint(&o, 1);
        cbor_put_map(&o, 1);
        cbor_put_uint(&o, MVAL_RAW_VALUE);
        cbor_put_tag(&o, TAG_BYTES);
        cbor_put_bytes(&o, span_of(piid, size));
    }
    return cbor_put_end(&o);
}

/* The bytes of the list, in its one room of three. */
static bool compose(const struct export *x, uint8_t *room, struct wr *corim)
{
    uint8_t id[2][16]; /* UUIDs of version 4 (RFC 9562, 5.4) */
    if (getrandom(id, sizeof id, 0) != sizeof id)
        return false;
    for (size_t i = 0; i < 2; i++) {
        id[i][6] = (id[i][6] & 0x0f) | 0x40;
        id[i][8] = (id[i][8] & 0x3f) | 0x80;
    }
    struct wr triples = wr_new(room, TRIPLES_ROOM(x->n));
    struct wr comid = wr_new(room + TRIPLES_ROOM(x->n), CORIM_ROOM(x->n));
    *corim = wr_new(room + TRIPLES_ROOM(x->n) + CORIM_ROOM(x->n), CORIM_ROOM(x->n));
    if (!put_triples(&triples, x) || !corim_write_comid(&comid, SPAN_ARR(id[0]), wr_span(&triples)))
        return false;
    const struct corim whole = {
        .id = SPAN_ARR(id[1]), .comid = wr_span(&comid), .valid = {x->asked.at, x->until}};
    return corim_write(corim, &whole);
}

static int put(struct export *x, const char *out)
{
    struct situs_err err = {0};
    struct wr corim;
    qsort(x->piid, x->n, sizeof *x->piid, in_order);
    for (size_t i = 1; i < x->n; i++)
        if (strcmp(x->piid[i - 1], x->piid[i]) == 0) {
            out_error("two endorsements are of platform %s; nothing is written", x->piid[i]);
            out_hint("keep the newer one: a platform is on the list once");
            return EXIT_USAGE;
        }
    uint8_t *room = malloc(TRIPLES_ROOM(x->n) + 2 * CORIM_ROOM(x->n));
    bool ok = room && compose(x, room, &corim);
    if (!ok)
        out_error("the list cannot be made: %s", strerror(errno));
    if (ok && !file_write(out, wr_span(&corim), &err)) {
        out_failure(&err);
        ok = false;
    }
    free(room);
    if (ok && x->asked.revocations == 0)
        out_note("not asked whether the issuers took any back: give their revocation lists");
    if (ok && strcmp(out, "-") != 0)
        out_print("%zu platform%s of %s%s, until %s\n", x->n, x->n == 1 ? "" : "s", x->owner,
                  x->simulated ? " (SIMULATED)" : "", TEXT_TIME(x->until));
    return ok ? EXIT_GOOD : EXIT_USAGE;
}

static int run(struct export *x, const struct words *files, const char *out)
{
    for (size_t i = 0; i < files->n; i++)
        if (!see_operand(x, files->v[i]))
            return x->exit;
    if (x->n)
        return put(x, out);
    out_error("there is no endorsement; nothing is written");
    out_hint("\"situs fleet export --poe DIR\" writes those of an inventory");
    return EXIT_USAGE;
}

command_function cmd_poe_export;
int cmd_poe_export(const struct command *own, int argc, char **argv)
{
    struct poe_options o = {.trust = NULL};
    const char *out = NULL;
    const struct option options[] = {
        OPTIONS_POE(o),
        OPTION_VALUE("output", 'o', "FILE", &out, "where the list goes (required)"),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 1, 64};
    struct words files = {.n = 0};
    static struct export x;
    int exit;
    if (!args_read(&args, argc, argv, &files, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (!out) {
        out_error("-o is missing: nothing says where the list goes");
        out_hint("\"-o -\" writes it to standard output");
    } else if (poe_asked_read(&x.asked, &o)) {
        exit = run(&x, &files, out);
    }
    free(x.piid);
    poe_asked_free(&x.asked);
    return exit;
}
