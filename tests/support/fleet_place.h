/* A fresh inventory for a test, and one machine with all its parts. */
#ifndef SITUS_TESTS_FLEET_PLACE_H
#define SITUS_TESTS_FLEET_PLACE_H

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "provider/fleet/fleet_lists.h"
#include "provider/fleet/store.h"

#define AT INT64_C(1800000000)
#define DAY INT64_C(86400)

#define PIID "11111111111111111111111111111111"
#define PIID_2 "22222222222222222222222222222222"
#define PPID "33333333333333333333333333333333"
#define PPID_2 "44444444444444444444444444444444"
#define PRID "55555555555555555555555555555501"
#define PRID_2 "55555555555555555555555555555502"
#define HASH "6666666666666666666666666666666666666666666666666666666666666666"
#define EK "7777777777777777777777777777777777777777777777777777777777777777"
#define EK_NAME "000b" EK /* what the templates say that its Name is */
#define EK_2 "8888888888888888888888888888888888888888888888888888888888888888"

struct place {
    char directory[64], path[96];
    struct fleet *f;
    struct fleet_act act;
    struct situs_err err;
};

/* The clock of these tests is far ahead of what they do; the tests of the clock set it. */
static int64_t place_now = AT + 3650 * DAY;

static inline int64_t place_clock(void)
{
    return place_now;
}

static inline int setup(void **state)
{
    place_now = AT + 3650 * DAY;
    struct place *p = calloc(1, sizeof *p);
    bool memory = access("/dev/shm", W_OK) == 0; /* nobody waits for a disk there */
    strcpy(p->directory, memory ? "/dev/shm/situs-fleet.XXXXXX" : "/tmp/situs-fleet.XXXXXX");
    if (!p || !mkdtemp(p->directory))
        return -1;
    snprintf(p->path, sizeof p->path, "%s/fleet.db", p->directory);
    p->act = (struct fleet_act){.by = "ada", .at = AT, .clock = place_clock};
    if (!fleet_create(p->path, &p->act, NULL, &p->err))
        return -1;
    p->f = fleet_open(p->path, true, &p->err);
    const struct fleet_names names = {.owner = "example.com", .issuer = "example"};
    if (!p->f || !fleet_set(p->f, &p->act, &names, &p->err))
        return -1;
    *state = p;
    return 0;
}

static inline int teardown(void **state)
{
    struct place *p = *state;
    fleet_close(p->f);
    store_remove(p->path);
    rmdir(p->directory);
    free(p);
    return 0;
}

static inline struct fleet_goods goods(void)
{
    struct fleet_goods g = {.machine = "m1", .site = "ams1", .n_prids = 2};
    strcpy(g.prid[0], PRID);
    strcpy(g.prid[1], PRID_2);
    strcpy(g.ek, EK);
    strcpy(g.ek_name[g.n_ek_names++], EK_NAME);
    return g;
}

static inline struct fleet_platform platform(void)
{
    struct fleet_platform p = {.machine = "m1", .n_prids = 2};
    strcpy(p.piid, PIID);
    strcpy(p.manifest, HASH);
    strcpy(p.prid[0], PRID);
    strcpy(p.prid[1], PRID_2);
    strcpy(p.pck, HASH);
    strcpy(p.ppid, PPID);
    strcpy(p.receipt, PPID);
    return p;
}

/* A signer that signs nothing: the endorsement's bytes are the PIID. */
static inline bool sign(void *signer, struct span piid, struct fleet_wish *wish,
                        struct fleet_poe *poe, struct situs_err *err)
{
    unsigned *count = signer;
    if (++*count > 1000)
        return err_fail(err, SITUS_INTERNAL, "signer", "", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(poe->bytes, piid.p, piid.n);
    poe->n = piid.n;
    snprintf(poe->id, sizeof poe->id, "%02x%06x", piid.p[0], *count);
    (void)wish;
    return true;
}

static inline bool endorse(struct place *p, struct fleet_poe *poe)
{
    static unsigned count;
    struct fleet_wish wish = {.machine = "m1", .owner = "example.com", .life = 30 * DAY};
    return fleet_endorse(p->f, &p->act, &wish, sign, &count, poe, &p->err);
}

static inline bool confirm_piid(struct place *p, const char *machine, const char *piid)
{
    const struct fleet_sight seen = {.piid = piid};
    return fleet_confirm(p->f, &p->act, machine, &seen, &p->err);
}

static inline bool confirm_boot(struct place *p, uint32_t reset, uint32_t restart)
{
    const struct fleet_counts boot = {reset, restart};
    const struct fleet_sight seen = {.boot = &boot};
    return fleet_confirm(p->f, &p->act, "m1", &seen, &p->err);
}

/* report is the registrar's word of a boot of the EK that is all one hex digit; *confirmed is
 * whether it certifies. */
static inline bool report(struct place *p, char ek, uint32_t reset, uint32_t restart,
                          bool *confirmed, struct fleet_machine *m)
{
    struct fleet_act act = p->act;
    uint8_t name[34] = {0, 0x0b}, *id = name + 2;
    const struct fleet_report said = {id, SPAN_ARR(name), {reset, restart}};
    act.by = "registrar";
    memset(id, (ek - '0') * 0x11, 32);
    return fleet_boot(p->f, &act, &said, confirmed, m, &p->err);
}

/* ready adds the machine, states its platform and confirms its presence. */
static inline void ready(struct place *p)
{
    struct fleet_goods g = goods();
    struct fleet_platform claim = platform();
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(confirm_piid(p, "m1", PIID));
}

static inline int64_t count(struct place *p, const char *sql)
{
    int64_t n = -1;
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(p->f->db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static inline bool can(struct place *p, const char *sql)
{
    return sqlite3_exec(p->f->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static inline void expect_refused(struct place *p, bool done, enum situs_code code,
                                  const char *field)
{
    assert_false(done);
    expect_err(p->err, code, field, SITUS_NO_OFFSET);
    assert_string_not_equal(p->err.hint, "");
    memset(&p->err, 0, sizeof p->err);
}

#endif
