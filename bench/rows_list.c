/*
 * The signed lists with a million entries, without an inventory behind them: one machine found, and
 * one entry written. What is written goes nowhere, so that the memory seen is the writer's.
 */
#include <stdlib.h>

#include "base/wr.h"
#include "bench.h"
#include "endorse/id_list/id_list_write.h"
#include "endorse/revocation/revocation_write.h"
#include "lab/intel/lab_owner.h"

#define AT INT64_C(1790000000)
#define ENTRIES 1000000
#define ID_SIZE 16
#define STEP 4001        /* between first words: entries rise, and stay below 2^32 */
#define MULTIPLIER 40503 /* prime to ENTRIES: lookups go everywhere */
#define FILE_SIZE (ID_SIZE * ENTRIES + 65536)

static struct {
    struct lab_world *world;
    struct span chain[2];
    struct signed_doc_issuer issuer;
    struct id_list list; /* in bytes that live as long as the program */
    size_t next;
} lists;

static void make_id(uint8_t id[ID_SIZE], size_t i)
{
    struct wr w = wr_new(id, ID_SIZE);
    wr_u32be(&w, (uint32_t)(i * STEP));
    wr_u32be(&w, (uint32_t)i);
    wr_u64be(&w, i);
}

static bool write_ids(size_t count, cose_put *put, void *to)
{
    struct situs_err err = {0};
    struct id_list_writer w;
    const struct id_list_meta meta = {
        1, {AT, AT + 1}, SPAN_LIT("o"), SPAN_LIT("f"), LISTING_PPID, {NULL, 0}, count};
    if (!id_list_write_begin(&w, &meta, &lists.issuer, put, to, &err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        uint8_t id[ID_SIZE];
        make_id(id, i);
        ok = id_list_write_add(&w, SPAN_ARR(id), &err);
    }
    return id_list_write_end(&w, &err) && ok;
}

static bool write_revoked(size_t count, cose_put *put, void *to)
{
    struct situs_err err = {0};
    struct revocation_writer w;
    const struct revocation_plan plan = {REVOCATION_PIID, ID_SIZE, count};
    const struct revocation_meta meta = {1, {AT, AT + 1}, SPAN_LIT("i"), &plan, 1};
    if (!revocation_write_begin(&w, &meta, &lists.issuer, put, to, &err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        uint8_t id[ID_SIZE];
        make_id(id, i);
        ok = revocation_write_add(&w, SPAN_ARR(id), REVOCATION_REASON_SOLD, AT, &err);
    }
    return revocation_write_end(&w, &err) && ok;
}

static bool keep_bytes(void *to, struct span bytes)
{
    wr_bytes(to, bytes);
    return wr_ok(to);
}

static bool count_bytes(void *to, struct span bytes)
{
    *(size_t *)to += bytes.n;
    return true;
}

bool bench_list_setup(const char **reason)
{
    struct situs_err err = {0};
    *reason = "the list could not be made";
    if (lists.world)
        return lists.list.entries.n > 0;
    lists.world = lab_world_new(AT);
    struct lab_owner owner = lab_owner_new(lists.world, "Bench");
    lists.chain[0] = owner.leaf;
    lists.chain[1] = owner.root;
    lists.issuer =
        (struct signed_doc_issuer){lists.chain, 2, sign_key_read(owner.key, "key", &err)};
    uint8_t *bytes = malloc(FILE_SIZE);
    if (!lists.issuer.key || !bytes)
        return false;
    struct wr w = wr_new(bytes, FILE_SIZE);
    return write_ids(ENTRIES, keep_bytes, &w) && id_list_read(&lists.list, wr_span(&w), &err);
}

size_t bench_list_arena(void)
{
    return 0;
}

bool bench_list_lookup(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t id[ID_SIZE];
        size_t wanted = lists.next++ * MULTIPLIER % ENTRIES;
        make_id(id, wanted);
        struct span found = id_list_find(&lists.list, SPAN_ARR(id));
        if (found.p != lists.list.entries.p + wanted * ID_SIZE)
            return false;
    }
    return true;
}

/* bench_list_export writes lists of at most ENTRIES, n entries in all. */
bool bench_list_export(size_t n)
{
    for (size_t part; n > 0; n -= part) {
        size_t bytes = 0;
        part = n < ENTRIES ? n : ENTRIES;
        if (!write_ids(part, count_bytes, &bytes) || bytes < ID_SIZE * part)
            return false;
    }
    return true;
}

/* bench_list_revocations does the same with revocation lists. */
bool bench_list_revocations(size_t n)
{
    for (size_t part; n > 0; n -= part) {
        size_t bytes = 0;
        part = n < ENTRIES ? n : ENTRIES;
        if (!write_revoked(part, count_bytes, &bytes) || bytes < (ID_SIZE + REVOCATION_TAIL) * part)
            return false;
    }
    return true;
}
