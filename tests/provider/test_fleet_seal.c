/* provider/fleet: a bit that flips on the disk never signs another list, endorsement or
 * certificate. */
#include "support/fleet_place.h"

#include <fcntl.h>

#include "provider/fleet/store_seal.h"

/* Under sanitizers, ten times slower, fewer. */
#if defined(__SANITIZE_ADDRESS__)
#define FLIPS 150
#else
#define FLIPS 400
#endif

/* What the inventory signs: all of it that comes from the file, as text. */
struct words {
    char text[8192];
    size_t n;
};

static void say(struct words *w, const char *a, const char *b, const char *c, int64_t n)
{
    w->n += (size_t)snprintf(w->text + w->n, sizeof w->text - w->n, "%s %s %s %lld\n", a, b, c,
                             (long long)n);
    assert_true(w->n < sizeof w->text);
}

static bool say_id(void *to, const char *ppid)
{
    say(to, "ppid", ppid, "", 0);
    return true;
}

static bool say_revoked(void *to, const struct fleet_revoked *r)
{
    say(to, r->kind, r->id, r->reason, r->at);
    return true;
}

static bool lists(struct fleet *f, const char *list, struct fleet_act *act, struct words *w,
                  struct situs_err *err)
{
    static const char *const kinds[] = {"piid", "ppid", "ek", "poe_id"};
    const struct fleet_listed which = {.site = "ams1", .owner = "example.com"};
    struct fleet_snapshot taken;
    struct fleet_size sizes[4];
    char name[FLEET_NAME + 1];
    size_t n = 0;
    if (!fleet_snapshot_begin(f, act, list, strcmp(list, "list") == 0 ? FLEET_ALL : NULL, &taken,
                              err))
        return false;
    say(w, list, "number", "", taken.number);
    bool ok = fleet_owner(f, "ams1", NULL, false, name, err) &&
              fleet_ids(f, &which, say_id, NULL, w, err);
    say(w, "owner", name, "", 0);
    ok = ok && fleet_issuer(f, NULL, false, name, err);
    say(w, "issuer", name, "", 0);
    for (size_t k = 0; ok && k < 4; k++) {
        ok = fleet_revocations_sizes(f, kinds[k], sizes, 4, &n, err);
        for (size_t i = 0; ok && i < n; i++) {
            say(w, kinds[k], "of", "", (int64_t)sizes[i].size);
            say(w, kinds[k], "count", "", sizes[i].count);
            ok = fleet_revocations(f, kinds[k], sizes[i].size, say_revoked, w, err);
        }
    }
    fleet_snapshot_end(f);
    return ok;
}

static bool say_wish(void *signer, struct span piid, struct fleet_wish *wish, struct fleet_poe *poe,
                     struct situs_err *err)
{
    (void)err;
    say(signer, wish->owner, wish->issuer, TEXT_HEX(piid), wish->not_after);
    poe->bytes[0] = 1;
    poe->n = 1;
    strcpy(poe->id, "99");
    return true;
}

/* signed_by opens the inventory and signs all that it may; false when it refuses all of it. Each
 * signature has a handle of its own, as each command has. */
static bool signed_by(const char *path, const struct fleet_act *by, struct words *w)
{
    const char *const what[] = {"list", "revocation", "poe", "ak"};
    struct fleet_act act = *by;
    bool any = false;
    for (size_t i = 0; i < 4; i++) {
        struct situs_err err = {0};
        struct words mine = {.n = 0};
        struct fleet *f = fleet_open(path, true, &err);
        struct fleet_wish wish = {.machine = "m1", .life = DAY};
        struct fleet_machine m;
        struct fleet_poe poe;
        uint8_t name[34] = {0, 0x0b};
        const struct fleet_report report = {name + 2, SPAN_ARR(name), {5, 0}};
        bool ok = false, confirmed = false;
        memset(name + 2, 0x77, 32);
        act.at++;
        if (f && i < 2)
            ok = lists(f, what[i], &act, &mine, &err);
        else if (f && i == 2)
            ok = fleet_endorse(f, &act, &wish, say_wish, &mine, &poe, &err);
        else if (f)
            ok = fleet_boot(f, &act, &report, &confirmed, &m, &err) && confirmed;
        if (ok && i == 3)
            say(&mine, m.name, m.site, m.piid, m.vtpm);
        fleet_close(f);
        any |= ok;
        if (ok)
            say(w, what[i], mine.text, "", 0);
        else
            say(w, what[i], "refused", "", 0);
    }
    return any;
}

static size_t read_file(const char *path, uint8_t *bytes, size_t room)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, room, f);
    assert_true(n > 0 && n < room);
    fclose(f);
    return n;
}

static void write_file(const char *path, const uint8_t *bytes, size_t n)
{
    store_remove(path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static uint8_t bytes[1 << 20];

/* An inventory in which there is something of everything: m1 is signed for, m2 was lost. */
static size_t fill(struct place *p)
{
    struct fleet_goods g = {.machine = "m2", .site = "ams1", .n_prids = 1};
    struct fleet_platform claim = platform();
    struct fleet_poe poe;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    assert_true(report(p, '7', 5, 0, &confirmed, &m));
    assert_true(confirm_boot(p, 5, 0));
    assert_true(endorse(p, &poe));
    memset(g.prid[0], 'c', 32);
    strcpy(g.ek, EK_2);
    strcpy(g.ek_name[g.n_ek_names++], "000b" EK_2);
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    claim.machine = "m2";
    strcpy(claim.piid, PIID_2);
    strcpy(claim.ppid, PPID_2);
    strcpy(claim.receipt, PPID_2);
    claim.n_prids = 1;
    memset(claim.prid[0], 'c', 32);
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(fleet_end(p->f, &p->act, "m2", FLEET_LOST, "stolen", &p->err));
    fleet_close(p->f);
    p->f = NULL;
    return read_file(p->path, bytes, sizeof bytes);
}

/* try_flip flips a bit and compares what is signed: the same, or refused. */
static void try_flip(struct place *p, size_t n, size_t bit, const struct words *honest,
                     unsigned *refused)
{
    static struct words w;
    w.n = 0;
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    write_file(p->path, bytes, n);
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (!signed_by(p->path, &p->act, &w)) {
        ++*refused;
        return;
    }
    /* one that is refused may stand beside others that are the same */
    const char *h = honest->text, *got = w.text;
    if (strcmp(h, got) != 0)
        fail_msg("bit %zu of byte %zu signs something else:\n%s\nnot\n%s", bit % 8, bit / 8, got,
                 h);
}

static void a_flipped_bit_never_signs_another_list(void **state)
{
    struct place *p = *state;
    static struct words honest;
    unsigned refused = 0, n_flips = 0;
    size_t n = fill(p);
    honest.n = 0;
    assert_true(signed_by(p->path, &p->act, &honest));
    assert_null(strstr(honest.text, "refused"));
    srand(7);
    for (; n_flips < FLIPS; n_flips++)
        try_flip(p, n, ((size_t)rand() << 16 ^ (size_t)rand()) % (8 * n), &honest, &refused);
    print_message("%u random flips: %u refused\n", n_flips, refused);
}

/* Every place where an id, a status or a name stands, in tables and indexes alike. */
static void a_flipped_bit_in_what_is_signed_is_found(void **state)
{
    static const char *const texts[] = {PPID,    PIID,       PPID_2,   PIID_2,
                                        EK_NAME, "enrolled", "lost",   "example.com",
                                        "ams1",  "vouched",  "supply", "issuer"};
    struct place *p = *state;
    static struct words honest;
    unsigned refused = 0, n_flips = 0;
    size_t n = fill(p);
    honest.n = 0;
    assert_true(signed_by(p->path, &p->act, &honest));
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        for (size_t at = 0; at + strlen(texts[t]) < n; at++)
            if (memcmp(bytes + at, texts[t], strlen(texts[t])) == 0) {
                try_flip(p, n, 8 * at, &honest, &refused);
                n_flips++;
            }
    print_message("%u flips: %u refused\n", n_flips, refused);
    assert_true(n_flips > 60 && refused > n_flips / 2);
}

static void damage_is_said_to_be_that(void **state)
{
    struct place *p = *state;
    struct fleet_snapshot taken;
    ready(p);
    assert_true(fleet_check(p->f, &p->err));
    /* as a flipped bit would: past the triggers */
    assert_true(store_seal_drop(p->f, &p->err));
    assert_true(can(p, "UPDATE machine SET site = site"));
    expect_refused(p, fleet_check(p->f, &p->err), SITUS_MISMATCH,
                   "seal"); /* triggers are missing */
    assert_true(can(p, "BEGIN") && store_seal_make(p->f, &p->err) && can(p, "COMMIT"));
    assert_true(fleet_check(p->f, &p->err));
    assert_true(store_seal_drop(p->f, &p->err));
    assert_true(can(p, "UPDATE machine SET status = 'pending'"));
    expect_refused(p, fleet_snapshot_begin(p->f, &p->act, "list", FLEET_ALL, &taken, &p->err),
                   SITUS_MISMATCH, "seal");
    assert_string_equal(p->err.hint, "");
}

/* The chain of the history stands by itself: its rows are sealed anew, and it tells. */
static void a_history_that_was_rewritten_is_found(void **state)
{
    struct place *p = *state;
    ready(p);
    assert_true(can(p, "DROP TRIGGER history_update; UPDATE history SET operator = 'eve' "
                       "WHERE action = 'confirm'"));
    assert_true(can(p, "BEGIN") && store_seal_make(p->f, &p->err) && can(p, "COMMIT"));
    expect_refused(p, fleet_check(p->f, &p->err), SITUS_MISMATCH, "seal");
}

static void what_is_changed_by_rule_keeps_the_seal(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    fill(p);
    p->f = fleet_open(p->path, true, &p->err);
    assert_non_null(p->f);
    assert_true(fleet_check(p->f, &p->err));
    p->act.at++;
    assert_true(endorse(p, &poe));
    assert_true(fleet_maintain(p->f, &p->act, "m1", &p->err));
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_RETIRED, "old", &p->err));
    assert_true(fleet_check(p->f, &p->err));
    /* what is not kept leaves nothing behind */
    assert_false(fleet_maintain(p->f, &p->act, "m1", &p->err));
    memset(&p->err, 0, sizeof p->err);
    assert_true(fleet_check(p->f, &p->err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flipped_bit_never_signs_another_list),
        TEST(a_flipped_bit_in_what_is_signed_is_found),
        TEST(damage_is_said_to_be_that),
        TEST(a_history_that_was_rewritten_is_found),
        TEST(what_is_changed_by_rule_keeps_the_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
