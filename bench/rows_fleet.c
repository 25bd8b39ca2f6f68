/*
 * A fleet of one million machines, half a million of them on a revocation list: finding a machine
 * by its EK, and writing the signed lists. One operation of the lists is one entry; memory does not
 * grow with them (bench --million says so).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"
#include "endorse/id_list/id_list_write.h"
#include "endorse/revocation/revocation_write.h"
#include "lab/intel/lab_intel.h"
#include "lab/intel/lab_owner.h"
#include "provider/fleet/fleet_lists.h"
#include "provider/fleet/store_seal.h"

#define AT INT64_C(1800000000)
#define MACHINES 1000000
#define REVOKED 500000

/* Rows 0 to a million, and identifiers that lie as random ones do: by a multiplier prime to
 * 2^32. */
#define ROWS "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) "
#define ID(what) "printf('%08x%0" what "x', (i * 2654435761) % 4294967296, i)"

static struct {
    struct lab_world *world;
    struct fleet *fleet;
    struct span chain[2];
    struct signed_doc_issuer issuer;
    uint32_t next;
} fleet;

/* quick is for a file that nobody misses: no waiting for the disk. */
static bool quick(struct fleet *f, struct situs_err *err)
{
    return store_do(f, err, "PRAGMA synchronous = OFF", "") &&
           store_do(f, err, "PRAGMA cache_size = -64000", "");
}

static bool fill(struct fleet *f, struct situs_err *err)
{
    return store_seal_drop(f, err) && /* nobody checks it here, and it doubles the time */
           store_do(f, err, "INSERT INTO naming VALUES ('owner', '', '', 'Bench')", "") &&
           store_do(f, err, "INSERT INTO site VALUES ('ams1')", "") &&
           store_do(f, err,
                    ROWS "INSERT INTO machine SELECT printf('m%07d', i), 'ams1', 'enrolled', 1 "
                         "FROM n",
                    "") &&
           store_do(f, err,
                    ROWS "INSERT INTO prid SELECT " ID("24") ", printf('m%07d', i), 'supply', NULL "
                                                             "FROM n",
                    "") &&
           store_do(f, err,
                    ROWS
                    "INSERT INTO instance (piid, machine, ppid, receipt, manifest, pck, since) "
                    "SELECT " ID("24") ", printf('m%07d', i), " ID("24") ", " ID("24") ", " ID(
                        "56") ", " ID("56") ", 1 FROM n",
                    "") &&
           store_do(f, err, "INSERT INTO instance_prid SELECT piid, piid FROM instance", "") &&
           store_do(f, err,
                    ROWS "INSERT INTO ek (ek, machine, class, since) SELECT " ID(
                        "56") ", "
                              "printf('m%07d', i), 'dtpm', 1 FROM n",
                    "") &&
           store_do(f, err,
                    ROWS "INSERT INTO revocation SELECT 'piid', printf('%032x', i + 1), 'sold', "
                         "1, 1 FROM n WHERE i < 500000",
                    "");
}

/* make makes the inventory in a file that has no name any more when it is there. */
static bool make(struct situs_err *err)
{
    char path[] = "/tmp/situs-bench.XXXXXX", db[64];
    const struct fleet_act act = {.by = "bench", .at = AT, .allow_future = AT};
    if (!mkdtemp(path))
        return false;
    snprintf(db, sizeof db, "%s/fleet.db", path);
    struct fleet *f = fleet_create(db, &act, NULL, err) ? fleet_open(db, true, err) : NULL;
    bool ok = f && quick(f, err) && store_begin(f, err) && store_end(f, fill(f, err), err);
    fleet_close(f);
    if (ok)
        fleet.fleet = fleet_open(db, true, err);
    char log[80];
    for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end; end++) {
        snprintf(log, sizeof log, "%s%s", db, *end);
        unlink(log);
    }
    rmdir(path);
    return fleet.fleet != NULL;
}

bool bench_fleet_setup(const char **reason)
{
    static char why[256];
    struct situs_err err = {0};
    *reason = why;
    if (fleet.world)
        return fleet.issuer.key != NULL;
    fleet.world = lab_world_new(AT);
    struct lab_owner owner = lab_owner_new(fleet.world, "Bench");
    fleet.chain[0] = owner.leaf;
    fleet.chain[1] = owner.root;
    bool ok = make(&err);
    if (ok)
        fleet.issuer =
            (struct signed_doc_issuer){fleet.chain, 2, sign_key_read(owner.key, "key", &err)};
    snprintf(why, sizeof why, "%s %s", err.field, err.got);
    return ok && fleet.issuer.key;
}

size_t bench_fleet_arena(void)
{
    return 0;
}

bool bench_fleet_lookup(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct situs_err err = {0};
        struct fleet_machine m;
        uint8_t ek[32] = {0};
        uint32_t machine = fleet.next++ * 40503u % MACHINES, first = machine * 2654435761u;
        for (int b = 0; b < 4; b++) {
            ek[b] = (uint8_t)(first >> 8 * (3 - b));
            ek[28 + b] = (uint8_t)(machine >> 8 * (3 - b));
        }
        if (!fleet_machine_by_ek(fleet.fleet, ek, &m, &err) || m.status != FLEET_ENROLLED)
            return false;
    }
    return true;
}

/* A list goes nowhere: only its bytes are counted. */
static bool count_bytes(void *to, struct span bytes)
{
    *(size_t *)to += bytes.n;
    return true;
}

struct export
{
    struct id_list_writer ids;
    struct revocation_writer revoked;
    size_t left;
    struct situs_err err;
};

static bool add_id(void *to, const char *ppid)
{
    struct export *e = to;
    uint8_t id[16];
    return e->left-- > 0 && text_hex_read(id, 16, span_text(ppid)) &&
           id_list_write_add(&e->ids, SPAN_ARR(id), &e->err) && e->left > 0;
}

bool bench_fleet_export(size_t n)
{
    while (n > 0) {
        size_t part = n < MACHINES ? n : MACHINES, bytes = 0;
        struct export e = {.left = part};
        const struct fleet_listed all = {.owner = "Bench"};
        const struct id_list_meta meta = {
            1, {AT, AT + 1}, SPAN_LIT("o"), SPAN_LIT("f"), LISTING_PPID, {NULL, 0}, part};
        if (!id_list_write_begin(&e.ids, &meta, &fleet.issuer, count_bytes, &bytes, &e.err))
            return false;
        bool ok = fleet_ids(fleet.fleet, &all, add_id, NULL, &e, &e.err);
        if (!id_list_write_end(&e.ids, &e.err) || !ok || bytes < 16 * part)
            return false;
        n -= part;
    }
    return true;
}

static bool add_revoked(void *to, const struct fleet_revoked *r)
{
    struct export *e = to;
    uint8_t id[16];
    return e->left-- > 0 && text_hex_read(id, 16, span_text(r->id)) &&
           revocation_write_add(&e->revoked, SPAN_ARR(id), REVOCATION_REASON_SOLD, r->at,
                                &e->err) &&
           e->left > 0;
}

bool bench_fleet_revocations(size_t n)
{
    while (n > 0) {
        size_t part = n < REVOKED ? n : REVOKED, bytes = 0;
        struct export e = {.left = part};
        const struct revocation_plan plan = {REVOCATION_PIID, 16, part};
        const struct revocation_meta meta = {1, {AT, AT + 1}, SPAN_LIT("i"), &plan, 1};
        if (!revocation_write_begin(&e.revoked, &meta, &fleet.issuer, count_bytes, &bytes, &e.err))
            return false;
        bool ok = fleet_revocations(fleet.fleet, "piid", 16, add_revoked, &e, &e.err);
        if (!revocation_write_end(&e.revoked, &e.err) || !ok || bytes < 16 * part)
            return false;
        n -= part;
    }
    return true;
}
