/* provider/fleet: nothing is endorsed on the word of the machine; nothing happens without a row of
 * history; what was revoked stays so. */
#include "support/fleet_place.h"

static void fleet_endorses_a_machine_that_was_seen_and_is_whole(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_machine m;
    ready(p);
    assert_true(endorse(p, &poe));
    expect_hex(span_of(poe.bytes, poe.n), PIID);
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_int_equal(m.status, FLEET_ENROLLED);
    assert_int_equal(m.poe_until, AT + 30 * DAY);
    assert_string_equal(m.owner, "example.com");
    assert_string_equal(m.receipt, PPID);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM poe JOIN history ON number = history "
                              "WHERE action = 'endorse' AND operator = 'ada' AND machine = 'm1'"),
                     1);
}

/* Each takes away one thing that an endorsement rests on. */
static const struct {
    const char *why, *sql;
    enum situs_code code;
    const char *field;
} lacks[] = {
    {"not seen", "UPDATE machine SET status = 'pending'", SITUS_NOT_ALLOWED, "status"},
    {"worked on", "UPDATE machine SET status = 'maintenance'", SITUS_NOT_ALLOWED, "status"},
    {"retired", "UPDATE machine SET status = 'retired'", SITUS_REVOKED, "status"},
    {"sold", "UPDATE machine SET status = 'sold'", SITUS_REVOKED, "status"},
    {"lost", "UPDATE machine SET status = 'lost'", SITUS_REVOKED, "status"},
    {"no instance", "UPDATE instance SET until = 1, reason = 'x'", SITUS_MISSING, "piid"},
    {"no manifest", "UPDATE instance SET manifest = NULL", SITUS_MISSING, "manifest"},
    {"no PCK certificate", "UPDATE instance SET pck = NULL", SITUS_MISSING, "pck"},
    {"no PPID", "UPDATE instance SET ppid = NULL", SITUS_MISSING, "pck"},
    {"no receipt", "UPDATE instance SET receipt = NULL", SITUS_UNTRUSTED, "receipt"},
    {"another platform's receipt", "UPDATE instance SET receipt = '" PPID_2 "'", SITUS_UNTRUSTED,
     "receipt"},
    {"a package that nobody delivered", "DELETE FROM prid WHERE prid = '" PRID_2 "'",
     SITUS_NOT_ALLOWED, "prid"},
    {"a package of another machine",
     "INSERT INTO machine (name, site, status) VALUES ('m2', 'ams1', 'pending');"
     "UPDATE prid SET machine = 'm2' WHERE prid = '" PRID "'",
     SITUS_NOT_ALLOWED, "prid"},
    {"no packages", "DELETE FROM instance_prid", SITUS_NOT_ALLOWED, "prid"},
};

static void fleet_endorses_nothing_that_lacks_a_ground(void **state)
{
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++) {
        struct fleet_poe poe;
        print_message("%s\n", lacks[i].why);
        assert_int_equal(setup(state), 0);
        struct place *p = *state;
        ready(p);
        assert_true(can(p, lacks[i].sql));
        expect_refused(p, endorse(p, &poe), lacks[i].code, lacks[i].field);
        assert_int_equal(poe.n, 0);
        assert_int_equal(count(p, "SELECT COUNT(*) FROM poe"), 0);
        assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'endorse'"), 0);
        teardown(state);
    }
}

static void fleet_takes_an_operators_word_and_keeps_it(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_machine m;
    struct fleet_goods g = goods();
    struct fleet_platform claim = platform();
    claim.receipt[0] = 0;
    claim.vouched_by = "grace";
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(confirm_piid(p, "m1", PIID));
    assert_true(endorse(p, &poe));
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_string_equal(m.vouched_by, "grace");
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE detail LIKE '%by grace%'"), 1);
}

static void fleet_refuses_a_receipt_of_another_platform(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    struct fleet_platform claim = platform();
    strcpy(claim.receipt, PPID_2);
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    expect_refused(p, fleet_add_platform(p->f, &p->act, &claim, &p->err), SITUS_MISMATCH,
                   "receipt");
    assert_int_equal(count(p, "SELECT COUNT(*) FROM instance"), 0);
}

static void fleet_forgets_the_receipt_of_an_older_manifest(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_platform claim = platform();
    ready(p);
    claim.receipt[0] = claim.pck[0] = claim.ppid[0] = 0;
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    expect_refused(p, endorse(p, &poe), SITUS_UNTRUSTED, "receipt");
}

static void fleet_keeps_a_piid_across_tcb_recovery(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_platform claim = platform();
    ready(p);
    claim.manifest[0] = claim.receipt[0] = 0;
    claim.n_prids = 0;
    memset(claim.pck, '9', 64);
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(endorse(p, &poe));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM revocation"), 0);
}

static void fleet_refuses_another_ppid_for_one_piid(void **state)
{
    struct place *p = *state;
    struct fleet_platform claim = platform();
    ready(p);
    strcpy(claim.ppid, PPID_2);
    strcpy(claim.receipt, PPID_2);
    expect_refused(p, fleet_add_platform(p->f, &p->act, &claim, &p->err), SITUS_MISMATCH, "ppid");
}

static void fleet_revokes_the_old_piid_for_a_new_one(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_machine m;
    struct fleet_platform claim = platform();
    ready(p);
    assert_true(endorse(p, &poe));
    strcpy(claim.piid, PIID_2);
    strcpy(claim.ppid, PPID_2);
    strcpy(claim.receipt, PPID_2);
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_int_equal(m.status, FLEET_PENDING);
    assert_string_equal(m.piid, PIID_2);
    assert_int_equal(m.poe_until, 0);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM revocation WHERE (kind = 'piid' AND id = '" PIID
                              "') OR (kind = 'ppid' AND id = '" PPID "') OR kind = 'poe_id'"),
                     3);
    strcpy(claim.piid, PIID);
    strcpy(claim.ppid, PPID);
    strcpy(claim.receipt, PPID);
    expect_refused(p, fleet_add_platform(p->f, &p->act, &claim, &p->err), SITUS_REVOKED, "piid");
}

static void fleet_end_revokes_piid_ppid_poe_and_ek(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_machine m;
    uint8_t ek[32];
    ready(p);
    assert_true(endorse(p, &poe));
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen from the dock", &p->err));
    assert_int_equal(count(p, "SELECT COUNT(DISTINCT kind) FROM revocation "
                              "WHERE reason = 'lost'"),
                     4);
    assert_true(text_hex_read(ek, 32, SPAN_LIT(EK)));
    assert_false(fleet_machine_by_ek(p->f, ek, &m, &p->err));
    expect_err(p->err, SITUS_REVOKED, "ek", SITUS_NO_OFFSET);
    memset(&p->err, 0, sizeof p->err);
    expect_refused(p, confirm_piid(p, "m1", PIID), SITUS_REVOKED, "status");
    expect_refused(p, fleet_end(p->f, &p->act, "m1", FLEET_SOLD, "sold", &p->err), SITUS_REVOKED,
                   "status");
    struct fleet_goods g = goods();
    g.machine = "m2";
    g.n_prids = 0;
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_DUPLICATE, "ek");
}

static void fleet_gives_one_part_to_one_machine(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    struct fleet_platform claim = platform();
    ready(p);
    g.machine = "m2";
    g.ek[0] = 0;
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_DUPLICATE, "prid");
    g.n_prids = 0;
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    claim.machine = "m2";
    expect_refused(p, fleet_add_platform(p->f, &p->act, &claim, &p->err), SITUS_DUPLICATE, "piid");
}

static void fleet_machine_at_another_site_is_refused(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    ready(p);
    g.site = "fra2";
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_MISMATCH, "site");
}

/* A list of its machines would be taken for an edition of the list of all sites' machines. An
 * inventory of an older situs may have such a site. */
static void fleet_site_is_not_called_as_all_are(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = {.machine = "m2", .site = FLEET_ALL};
    char owner[FLEET_NAME + 1];
    ready(p);
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_NOT_ALLOWED, "site");
    assert_true(can(p, "INSERT INTO site VALUES ('all')"));
    expect_refused(p, fleet_owner(p->f, FLEET_ALL, NULL, false, owner, &p->err), SITUS_NOT_ALLOWED,
                   "site");
}

static void fleet_confirms_a_boot_only_after_an_operator_saw_it(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    assert_true(report(p, '7', 7, 0, &confirmed, &m));
    assert_false(confirmed);
    assert_int_equal(m.status, FLEET_PENDING);
    assert_true(report(p, '7', 7, 0, &confirmed, &m));
    assert_false(confirmed);
    assert_true(confirm_boot(p, 7, 0));
    assert_true(report(p, '7', 7, 0, &confirmed, &m));
    assert_true(confirmed);
    assert_string_equal(m.piid, PIID);
    assert_true(report(p, '7', 8, 0, &confirmed, &m));
    assert_false(confirmed);
    assert_true(report(p, '7', 7, 0, &confirmed, &m));
    assert_false(confirmed);
    expect_refused(p, report(p, '8', 7, 0, &confirmed, &m), SITUS_UNKNOWN, "ek");
}

/* The operator sees boot 5,0 in the rack; before she is back at her desk a thief has started the
 * machine elsewhere and reported 6,0. */
static void fleet_does_not_confirm_the_boot_of_a_thief(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    assert_true(report(p, '7', 5, 0, &confirmed, &m));
    assert_true(report(p, '7', 6, 0, &confirmed, &m));
    expect_refused(p, confirm_boot(p, 5, 0), SITUS_MISMATCH, "boot");
    expect_refused(p, confirm_boot(p, 6, 1), SITUS_MISMATCH, "boot");
    expect_refused(p, confirm_piid(p, "m1", PIID), SITUS_NOT_ALLOWED, "boot");
    assert_true(report(p, '7', 6, 0, &confirmed, &m));
    assert_false(confirmed);
    assert_int_equal(m.status, FLEET_PENDING);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'confirm'"), 1);
}

static void fleet_confirms_nothing_that_was_not_reported(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    struct fleet_platform claim = platform();
    const struct fleet_counts boot = {7, 0};
    const struct fleet_sight neither = {.boot = NULL}, both = {&boot, PIID};
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    expect_refused(p, confirm_boot(p, 7, 0), SITUS_MISSING, "boot");
    expect_refused(p, confirm_boot(p, 0, 0), SITUS_MISSING, "boot");
    expect_refused(p, confirm_piid(p, "m1", PIID), SITUS_MISSING, "piid");
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    expect_refused(p, confirm_piid(p, "m1", PIID_2), SITUS_MISMATCH, "piid");
    expect_refused(p, confirm_piid(p, "m1", "11"), SITUS_MALFORMED, "piid");
    expect_refused(p, fleet_confirm(p->f, &p->act, "m1", &neither, &p->err), SITUS_MALFORMED,
                   "seen");
    expect_refused(p, fleet_confirm(p->f, &p->act, "m1", &both, &p->err), SITUS_MALFORMED, "seen");
    assert_int_equal(count(p, "SELECT COUNT(*) FROM machine WHERE status = 'enrolled'"), 0);
    assert_true(confirm_piid(p, "m1", PIID));
}

/* After maintenance without a new boot the PIID is enough, and the boot stays the confirmed one. */
static void fleet_confirms_by_piid_what_runs_on(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    assert_true(report(p, '7', 5, 0, &confirmed, &m));
    assert_true(confirm_boot(p, 5, 0));
    assert_true(fleet_maintain(p->f, &p->act, "m1", &p->err));
    assert_true(report(p, '7', 5, 0, &confirmed, &m));
    assert_false(confirmed);
    assert_true(confirm_piid(p, "m1", PIID));
    assert_true(report(p, '7', 5, 0, &confirmed, &m));
    assert_true(confirmed);
}

static void none_listed(void *to, const char *machine, const struct situs_err *why)
{
    assert_string_equal(machine, "m1");
    *(struct situs_err *)to = *why;
}

static bool listed(void *to, const char *ppid)
{
    (void)to;
    fail_msg("%s is listed", ppid);
    return false;
}

/* What is not endorsed is not listed, nor is its TPM's key certified, and for the same reason. */
static void fleet_signs_nothing_that_it_does_not_endorse(void **state)
{
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++) {
        struct situs_err why = {0};
        const struct fleet_listed all = {.owner = "example.com"};
        struct fleet_machine m;
        bool confirmed, enrolled = strcmp(lacks[i].field, "status") != 0;
        int64_t n;
        print_message("%s\n", lacks[i].why);
        assert_int_equal(setup(state), 0);
        struct place *p = *state;
        ready(p);
        assert_true(report(p, '7', 5, 0, &confirmed, &m));
        assert_true(confirm_boot(p, 5, 0));
        assert_true(report(p, '7', 5, 0, &confirmed, &m));
        assert_true(confirmed);
        assert_true(fleet_ids_count(p->f, &all, &n, &p->err));
        assert_int_equal(n, 1);
        assert_true(can(p, lacks[i].sql));
        assert_true(fleet_ids_count(p->f, &all, &n, &p->err));
        assert_int_equal(n, 0);
        assert_true(fleet_ids(p->f, &all, listed, none_listed, &why, &p->err));
        if (enrolled && why.code != SITUS_NONE)
            expect_err(why, lacks[i].code, lacks[i].field, SITUS_NO_OFFSET);
        if (enrolled)
            expect_refused(p, report(p, '7', 5, 0, &confirmed, &m), lacks[i].code, lacks[i].field);
        else
            assert_true(report(p, '7', 5, 0, &confirmed, &m));
        assert_false(confirmed);
        teardown(state);
    }
}

static void fleet_history_only_grows(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    ready(p);
    assert_true(endorse(p, &poe));
    assert_false(can(p, "UPDATE history SET operator = 'eve'"));
    assert_false(can(p, "DELETE FROM history"));
    assert_false(can(p, "INSERT INTO history VALUES (99, 1, 'eve', 'add', NULL, '', '')"));
    assert_false(
        can(p, "INSERT OR REPLACE INTO history VALUES (1, 1, 'eve', 'add', NULL, '', '')"));
    assert_false(can(p, "DELETE FROM poe"));
    assert_false(can(p, "UPDATE poe SET owner = 'eve'"));
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_SOLD, "sold", &p->err));
    assert_false(can(p, "DELETE FROM revocation"));
    assert_false(can(p, "UPDATE instance SET until = NULL, reason = NULL"));
    assert_false(can(p, "DELETE FROM instance_prid; DELETE FROM instance"));
}

static void fleet_refuses_changes_by_nobody(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    p->act.by = NULL;
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_MISSING, "operator");
    p->act.by = "";
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_MALFORMED, "operator");
}

static void fleet_numbers_are_never_given_twice(void **state)
{
    struct place *p = *state;
    struct fleet_snapshot taken[3];
    const char *const lists[] = {"list", "list", "revocation"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(fleet_snapshot_begin(p->f, &p->act, lists[i], i < 2 ? "ams1" : NULL, &taken[i],
                                         &p->err));
        fleet_snapshot_end(p->f);
    }
    assert_int_equal(taken[0].number, 1);
    assert_int_equal(taken[1].number, 2);
    assert_int_equal(taken[2].number, 1);
    assert_false(can(p, "UPDATE counter SET value = 1"));
    assert_false(can(p, "DELETE FROM counter"));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'export'"), 3);
}

static bool add_kind(void *to, const struct fleet_revoked *r)
{
    char *text = to;
    snprintf(text + strlen(text), 200 - strlen(text), "%s %.4s %s; ", r->kind, r->id, r->reason);
    return true;
}

static bool add_id(void *to, const char *ppid)
{
    strcat(to, ppid);
    return true;
}

/* A list that is being written says what was true at its number, whoever writes meanwhile; and
 * writing it keeps nobody from reporting a theft. */
static void fleet_snapshot_is_one_moment_and_blocks_nobody(void **state)
{
    struct place *p = *state;
    struct fleet_size sizes[4];
    char text[200] = "";
    const struct fleet_listed all = {.site = NULL}, hall = {.site = "ams1"};
    struct fleet_snapshot taken;
    int64_t n;
    size_t n_sizes;
    ready(p);
    struct fleet *other = fleet_open(p->path, true, &p->err);
    assert_non_null(other);
    assert_true(fleet_snapshot_begin(p->f, &p->act, "list", FLEET_ALL, &taken, &p->err));
    assert_true(fleet_end(other, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
    assert_true(fleet_ids_count(p->f, &hall, &n, &p->err));
    assert_int_equal(n, 1);
    assert_true(fleet_ids(p->f, &all, add_id, NULL, text, &p->err));
    assert_string_equal(text, PPID);
    fleet_snapshot_end(p->f);
    text[0] = 0;
    assert_true(fleet_ids(p->f, &all, add_id, NULL, text, &p->err));
    assert_string_equal(text, "");
    assert_true(fleet_revocations_sizes(p->f, "ek", sizes, 4, &n_sizes, &p->err));
    assert_int_equal(n_sizes, 1);
    assert_int_equal(sizes[0].size, 34);
    assert_int_equal(sizes[0].count, 1);
    assert_true(fleet_revocations(p->f, "ek", 34, add_kind, text, &p->err));
    assert_true(fleet_revocations(p->f, "piid", 16, add_kind, text, &p->err));
    assert_true(fleet_revocations(p->f, "piid", 32, add_kind, text, &p->err));
    assert_string_equal(text, "ek 000b lost; piid 1111 lost; ");
    fleet_close(other);
}

/* One failure a row: the CSV's second row is bent, and the first is not added either. */
static const struct {
    const char *row;
    enum situs_code code;
    const char *field;
} bad_csv[] = {
    {"m2,ams1,,", SITUS_MALFORMED, "line 3.columns"},
    {"m2,ams1,,,,", SITUS_MALFORMED, "line 3.columns"},
    {",ams1,,,", SITUS_MALFORMED, "line 3.machine"},
    {"m2,,,,", SITUS_MALFORMED, "line 3.site"},
    {"m2,all,,,", SITUS_NOT_ALLOWED, "line 3.site"},
    {"m2,ams1,5555,,", SITUS_MALFORMED, "line 3.prids"},
    {"m2,ams1,555555555555555555555555555555FF,,", SITUS_MALFORMED, "line 3.prid"},
    {"m2,ams1,00000000000000000000000000000000,,", SITUS_MALFORMED, "line 3.prid"},
    {"m2,ams1," PRID ",,", SITUS_DUPLICATE, "line 3.prid"},
    {"m2,ams1," PRID_2 " ,,", SITUS_MALFORMED, "line 3.prids"},
    {"m2,ams1,,77,dtpm", SITUS_MALFORMED, "line 3.ek"},
    {"m2,ams1,," EK ",dtpm", SITUS_DUPLICATE, "line 3.ek"},
    {"m2,ams1,," EK_2 ",", SITUS_MALFORMED, "line 3.class"},
    {"m2,ams1,," EK_2 ",ftpm", SITUS_MALFORMED, "line 3.class"},
    {"m2,ams1,,,dtpm", SITUS_MALFORMED, "line 3.class"},
    {"m2", SITUS_MALFORMED, "line 3.columns"},
    {"m2,ams1,,,,x,x,x", SITUS_MALFORMED, "line 3.columns"},
    {"\"m2,ams1,,,", SITUS_MALFORMED, "line 3.columns"},
    {"\"m2\n\",ams1,,,", SITUS_MALFORMED, "line 3.columns"},
    {"\"m2\"x,ams1,,,", SITUS_MALFORMED, "line 3.columns"},
    {"m\"2,ams1,,,", SITUS_MALFORMED, "line 3.machine"},
    {" m2,ams1,,,", SITUS_MALFORMED, "line 3.machine"},
    {"m2;ams1;;;", SITUS_MALFORMED, "line 3.columns"},
};

static void fleet_adds_a_csv_whole_or_not_at_all(void **state)
{
    struct place *p = *state;
    char csv[1024];
    struct fleet_counted rows;
    for (size_t i = 0; i < sizeof bad_csv / sizeof *bad_csv; i++) {
        snprintf(csv, sizeof csv, "machine,site,prids,ek,class\nm1,ams1,%s,%s,dtpm\n%s\n", PRID, EK,
                 bad_csv[i].row);
        print_message("%s\n", bad_csv[i].row);
        expect_refused(p, fleet_add_csv(p->f, &p->act, span_text(csv), &rows, NULL, &p->err),
                       bad_csv[i].code, bad_csv[i].field);
        assert_int_equal(count(p, "SELECT COUNT(*) FROM machine"), 0);
        assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'add'"), 0);
    }
    snprintf(csv, sizeof csv,
             "machine,site,prids,ek,class\r\nm1,ams1,%s %s,%s,dtpm\r\nm2,fra2,,%s,vtpm", PRID,
             PRID_2, EK, EK_2);
    assert_true(fleet_add_csv(p->f, &p->act, span_text(csv), &rows, NULL, &p->err));
    assert_int_equal(rows.added, 2);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM prid WHERE machine = 'm1'"), 2);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'add'"), 2);
    expect_refused(p, fleet_add_csv(p->f, &p->act, SPAN_LIT("machine\n"), &rows, NULL, &p->err),
                   SITUS_MALFORMED, "line 1.header");
}

/* What spreadsheets write for the same table: the mark, semicolons, tabs, quotes, emptied rows. */
static const char *const spreadsheets[] = {
    "\xef\xbb\xbfmachine;site;prids;ek;class\r\nm1;ams1;" PRID ";;\r\nm2;fra2;;" EK_2 ";vtpm\r\n",
    "machine\tsite\tprids\tek\tclass\nm1\tams1\t" PRID "\t\t\nm2\tfra2\t\t" EK_2 "\tvtpm\n",
    "\"machine\",\"site\",\"prids\",\"ek\",\"class\"\n\"m1\",ams1,\"" PRID "\",,\n"
    ",,,,\nm2,fra2,\"\",\"" EK_2 "\",vtpm\n\n",
};

static void fleet_adds_what_a_spreadsheet_writes(void **state)
{
    struct place *p = *state;
    struct fleet_counted n;
    for (size_t i = 0; i < sizeof spreadsheets / sizeof *spreadsheets; i++) {
        int64_t before = count(p, "SELECT MAX(number) FROM history");
        assert_true(fleet_add_csv(p->f, &p->act, span_text(spreadsheets[i]), &n, NULL, &p->err));
        assert_int_equal(n.added, i == 0 ? 2 : 0);
        assert_int_equal(n.there, i == 0 ? 0 : 2); /* it is the same table, and leaves no trace */
        assert_int_equal(n.changed, 0);
        assert_int_equal(count(p, "SELECT MAX(number) FROM history"), before + (i == 0 ? 2 : 0));
    }
    assert_true(fleet_add_csv(p->f, &p->act,
                              SPAN_LIT("machine,site,prids,ek,class\nm1,ams1," PRID_2 ",,\n"
                                       "m1,ams1," PRID_2 ",,\nm3,ams1,,,\n"),
                              &n, NULL, &p->err));
    assert_int_equal(n.added, 1);
    assert_int_equal(n.changed, 1);
    assert_int_equal(n.there, 1);
    expect_refused(p, fleet_add_csv(p->f, &p->act, SPAN_LIT("\xff\xfem\0a\0"), &n, NULL, &p->err),
                   SITUS_MALFORMED, "line 1.header");
    expect_refused(p,
                   fleet_add_csv(p->f, &p->act,
                                 SPAN_LIT("machine;site;prids;ek;class\nm4;ams1;5,5555E+31;;\n"),
                                 &n, NULL, &p->err),
                   SITUS_MALFORMED, "line 2.prids");
}

static void fleet_never_overwrites_or_opens_something_else(void **state)
{
    struct place *p = *state;
    char other[128];
    snprintf(other, sizeof other, "%s/other", p->directory);
    expect_refused(p, fleet_create(p->path, &p->act, NULL, &p->err), SITUS_DUPLICATE, "db");
    FILE *file = fopen(other, "w");
    fclose(file);
    assert_null(fleet_open(other, true, &p->err));
    expect_refused(p, false, SITUS_UNKNOWN, "db");
    unlink(other);
    assert_null(fleet_open(other, true, &p->err));
    assert_string_equal(p->err.expected, "an inventory at this path");
    expect_refused(p, false, SITUS_MISSING, "db");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fleet_endorses_a_machine_that_was_seen_and_is_whole),
        cmocka_unit_test(fleet_endorses_nothing_that_lacks_a_ground),
        TEST(fleet_takes_an_operators_word_and_keeps_it),
        TEST(fleet_refuses_a_receipt_of_another_platform),
        TEST(fleet_forgets_the_receipt_of_an_older_manifest),
        TEST(fleet_keeps_a_piid_across_tcb_recovery),
        TEST(fleet_refuses_another_ppid_for_one_piid),
        TEST(fleet_revokes_the_old_piid_for_a_new_one),
        TEST(fleet_end_revokes_piid_ppid_poe_and_ek),
        TEST(fleet_gives_one_part_to_one_machine),
        TEST(fleet_machine_at_another_site_is_refused),
        TEST(fleet_site_is_not_called_as_all_are),
        TEST(fleet_confirms_a_boot_only_after_an_operator_saw_it),
        TEST(fleet_does_not_confirm_the_boot_of_a_thief),
        TEST(fleet_confirms_nothing_that_was_not_reported),
        TEST(fleet_confirms_by_piid_what_runs_on),
        cmocka_unit_test(fleet_signs_nothing_that_it_does_not_endorse),
        TEST(fleet_history_only_grows),
        TEST(fleet_refuses_changes_by_nobody),
        TEST(fleet_numbers_are_never_given_twice),
        TEST(fleet_snapshot_is_one_moment_and_blocks_nobody),
        TEST(fleet_adds_a_csv_whole_or_not_at_all),
        TEST(fleet_adds_what_a_spreadsheet_writes),
        TEST(fleet_never_overwrites_or_opens_something_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
