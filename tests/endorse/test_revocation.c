/* endorse/revocation: what an issuer takes back is taken back, and silence proves nothing. */
#include "support/test.h"

#include "base/text.h"
#include "endorse/revocation/revocation_write.h"
#include "support/faults.h"
#include "support/soft_signer.h"

#include <stdio.h>

#define NOW (SOFT_CA_NOON - 3600)
#define HOUR 3600

/* A sample of the allocations, a smaller one under sanitizers. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 127
#else
#define STRIDE 17
#endif

static struct soft_signer issuer, other;

/* One appraisal, good as made by good(): the list names other ids than the one asked for. */
struct scene {
    struct revocation_meta meta;
    struct revocation_plan plans[3];
    uint8_t piid[3][16], poe[40];
    uint8_t bytes[8192], bytes2[8192];
    struct revocation list, list2;
    const struct revocation *lists[2];
    struct revocation_id ids[3];
    struct anchor anchors[2];
    struct trust trust;
    struct policy policy;
    struct span source[1], unchecked[1], deny[1];
    struct revocation_question q;
    uint8_t memory[32768];
    struct arena arena;
    struct findings f;
    const char *note;
    struct situs_seen seen;
    struct span next; /* what to give as seen next time */
    struct situs_err err;
};
static struct scene s;

static int make(void **state)
{
    (void)state;
    soft_signer_make(&issuer, "fleet CA", NOW, NULL);
    soft_signer_make(&other, "other CA", NOW, NULL);
    return 0;
}

static void param(enum param p, struct span *words, const char *word)
{
    words[0] = span_text(word);
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = 1};
}

/* Two PIIDs and one POE id are revoked. */
static void write_list(const struct soft_signer *by, uint8_t *bytes, struct revocation *list)
{
    struct revocation_writer w;
    struct wr out = wr_new(bytes, sizeof s.bytes);
    assert_true(revocation_write_begin(&w, &s.meta, &by->issuer, soft_signer_put, &out, &s.err));
    assert_true(revocation_write_add(&w, SPAN_ARR(s.piid[0]), REVOCATION_REASON_SOLD, 100, &s.err));
    assert_true(
        revocation_write_add(&w, SPAN_ARR(s.piid[1]), REVOCATION_REASON_LOST, NOW - 9, &s.err));
    assert_true(revocation_write_add(&w, SPAN_ARR(s.poe), REVOCATION_REASON_REPLACED, NOW, &s.err));
    assert_true(revocation_write_end(&w, &s.err));
    assert_true(revocation_read(list, wr_span(&out), &s.err));
}

static void good(void)
{
    memset(&s, 0, sizeof s);
    for (size_t i = 0; i < 3; i++)
        memset(s.piid[i], (int)(0x11 * (i + 1)), sizeof s.piid[i]);
    memset(s.poe, 0x77, sizeof s.poe);
    s.plans[0] = (struct revocation_plan){REVOCATION_PIID, 16, 2};
    s.plans[1] = (struct revocation_plan){REVOCATION_POE_ID, 40, 1};
    s.meta = (struct revocation_meta){.number = 5,
                                      .valid = {NOW - HOUR, NOW + HOUR},
                                      .issuer = SPAN_LIT("fleet"),
                                      .plans = s.plans,
                                      .n_plans = 2};
    write_list(&issuer, s.bytes, &s.list);
    s.lists[0] = &s.list;
    s.lists[1] = &s.list2;
    s.ids[0] = (struct revocation_id){REVOCATION_PIID, SPAN_ARR(s.piid[2])};
    s.anchors[0] = issuer.anchor;
    s.anchors[1] = other.anchor;
    s.trust = (struct trust){.anchors = s.anchors, .n = 2};
    param(PARAM_POE_REVOKED_SOURCE, s.source, "list");
    s.policy.v[PARAM_REVOCATION_MAX_AGE] = (struct param_value){.given = true, .num = 24};
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.q = (struct revocation_question){.lists = s.lists,
                                       .n_lists = 1,
                                       .ids = s.ids,
                                       .n_ids = 3,
                                       .issuer = &s.anchors[0],
                                       .use = ANCHOR_POE,
                                       .trust = &s.trust,
                                       .policy = &s.policy,
                                       .at = NOW,
                                       .arena = &s.arena};
}

static void seen(const char *anchor, const char *subject, uint64_t number)
{
    s.seen = (struct situs_seen){"revocation", anchor, subject, NULL, number};
    s.q.seen = (struct seen){&s.seen, 1};
}

static enum outcome check(void)
{
    s.f = (struct findings){.arena = &s.arena};
    s.note = revocation_check(&s.q, &s.next, &s.f);
    return s.f.v[CHECK_POE_REVOKED].outcome;
}

static void expect_skip(const char *words)
{
    assert_int_equal(check(), OUTCOME_NOT_RUN);
    assert_non_null(s.f.v[CHECK_POE_REVOKED].reason);
    assert_non_null(strstr(s.f.v[CHECK_POE_REVOKED].reason, words));
}

static void a_current_list_that_does_not_name_it_passes(void **state)
{
    (void)state;
    good();
    assert_int_equal(check(), OUTCOME_PASS);
    assert_null(s.note);
}

static void each_named_id_is_revoked_with_reason_and_time(void **state)
{
    (void)state;
    good();
    s.ids[0].id = SPAN_ARR(s.piid[0]);
    assert_int_equal(check(), OUTCOME_FAIL);
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
    assert_string_equal(s.f.v[CHECK_POE_REVOKED].why->got, "sold since 1970-01-01T00:01:40Z");
    good();
    s.ids[2] = (struct revocation_id){REVOCATION_POE_ID, SPAN_ARR(s.poe)};
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "poe_id");
}

static void ids_match_whole_and_in_their_kind(void **state)
{
    (void)state;
    enum revocation_reason reason;
    int64_t time;
    good();
    for (size_t n = 0; n < 16; n++) {
        struct revocation_id cut = {REVOCATION_PIID, span_of(s.piid[0], n)};
        assert_false(revocation_find(&s.list, &cut, &reason, &time));
    }
    struct revocation_id id = {REVOCATION_PPID, SPAN_ARR(s.piid[0])};
    assert_false(revocation_find(&s.list, &id, &reason, &time));
    id.kind = REVOCATION_PIID;
    assert_true(revocation_find(&s.list, &id, &reason, &time));
    assert_int_equal(reason, REVOCATION_REASON_SOLD);
    assert_int_equal(time, 100);
}

static void no_list_is_not_run(void **state)
{
    (void)state;
    good();
    s.q.n_lists = 0;
    expect_skip("no revocation list of the issuer");
}

static void a_stale_list_is_not_run_but_what_it_names_stays_revoked(void **state)
{
    (void)state;
    good();
    s.q.at = NOW + HOUR + 1;
    expect_skip("has expired");
    s.ids[0].id = SPAN_ARR(s.piid[1]);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
    good();
    s.q.at = NOW - HOUR - 1;
    expect_skip("not yet valid");
    good();
    s.policy.v[PARAM_REVOCATION_MAX_AGE].num = 1;
    assert_int_equal(check(), OUTCOME_PASS);
    s.q.at++;
    expect_skip("older than the policy allows");
}

/* Where the policy demands CRLs of the issuer, they are demanded of who signs its list. */
static void a_list_whose_signer_has_no_crl_clears_nobody(void **state)
{
    (void)state;
    good();
    s.policy.v[PARAM_POE_REQUIRE_CRL].flag = true;
    expect_skip("no revocation list of the issuer");
    struct span crl = soft_ca_crl(&issuer.root, NOW - HOUR, NOW + HOUR, 0);
    struct x509_crls crls;
    s.q.crls = soft_ca_crls(&crls, &crl, 1);
    assert_int_equal(check(), OUTCOME_PASS);
    s.q.crls = NULL;
    s.ids[0].id = SPAN_ARR(s.piid[0]); /* but what it names is revoked */
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
}

/* CRLs decide whether a list clears, never whether it takes back: who sends the evidence chooses
 * among those in the bundle. */
static void no_crl_takes_the_force_of_a_list(void **state)
{
    (void)state;
    const long serial = issuer.leaf.serial;
    const struct {
        struct span crl;
        const char *words; /* what the list can say of who is not on it */
    } rows[] = {
        {soft_ca_crl(&issuer.root, NOW - 40 * HOUR, NOW - HOUR, 0), "CRL"},
        {soft_ca_crl(&issuer.root, NOW + HOUR, NOW + 2 * HOUR, 0), "CRL"},
        {soft_ca_crl(&issuer.root, NOW - HOUR, NOW + HOUR, serial), "no revocation list"},
        {SPAN_LIT("no CRL"), "CRL"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int bundle = 0; bundle < 2; bundle++) {
            struct x509_crls crls = {.n = 0};
            struct revocation_signers known[2] = {{.alone = {.asked = false}}};
            struct situs_err err = {0};
            good();
            assert_true(x509_crls_add(&crls, rows[i].crl, bundle));
            s.q.crls = &crls;
            s.q.signers = bundle ? known : NULL;
            expect_skip(rows[i].words);
            assert_false(revocation_named(&s.q, &err));
            s.ids[0].id = SPAN_ARR(s.piid[0]);
            check();
            expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
            assert_true(revocation_named(&s.q, &err));
            expect_err(err, SITUS_REVOKED, "piid", SITUS_NO_OFFSET);
        }
}

/* The attack (red team, E5b): an older list that clears, and a CRL that ended, of the signer of the
 * newer list that names the machine. */
static void an_old_crl_does_not_put_an_older_list_in_the_place_of_a_newer(void **state)
{
    (void)state;
    struct x509_crls crls = {.n = 0};
    good();
    s.meta.number = 4;
    write_list(&issuer, s.bytes2, &s.list2);
    s.list2.n_groups = 0;
    s.q.n_lists = 2;
    s.ids[0].id = SPAN_ARR(s.piid[0]);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
    x509_crls_add(&crls, soft_ca_crl(&issuer.root, NOW - 40 * HOUR, NOW - HOUR, 0), true);
    s.q.crls = &crls;
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
}

/* A list whose signer's certificate ended takes back, and clears nobody. */
static void a_signer_that_lapsed_takes_back_and_clears_nobody(void **state)
{
    (void)state;
    good();
    s.q.at = issuer.leaf.to + 1; /* the list is in its time still */
    s.meta.valid = (struct window){s.q.at - HOUR, s.q.at + HOUR};
    write_list(&issuer, s.bytes, &s.list);
    expect_skip("no revocation list");
    s.ids[0].id = SPAN_ARR(s.piid[0]);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
    write_list(&other, s.bytes, &s.list); /* another's, who lapsed too, does not */
    expect_skip("no revocation list");
}

static void a_list_of_somebody_else_says_nothing(void **state)
{
    (void)state;
    good();
    write_list(&other, s.bytes, &s.list);
    s.ids[0].id = SPAN_ARR(s.piid[0]); /* named, but not by its issuer */
    expect_skip("no revocation list of the issuer");
    good();
    s.anchors[0].uses = ANCHOR_LIST;
    expect_skip("no revocation list of the issuer");
}

static void an_older_list_than_one_seen_is_refused(void **state)
{
    (void)state;
    good();
    seen("fleet CA", NULL, 5);
    assert_int_equal(check(), OUTCOME_PASS);
    seen("fleet CA", NULL, 6);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
    seen("fleet CA", "CN=signer", 6);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
    s.seen.kind = "ppid"; /* of another kind of list */
    assert_int_equal(check(), OUTCOME_PASS);
    s.q.seen.n = 0;
    s.policy.v[PARAM_REVOCATION_MIN_NUMBER] = (struct param_value){.given = true, .num = 6};
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
}

/* Under another anchor too, where the chain of the same signer may lead. */
static void a_signer_under_two_anchors_has_one_count(void **state)
{
    (void)state;
    good();
    seen("other CA", "CN=signer", 6);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
    assert_non_null(strstr(s.f.v[CHECK_POE_REVOKED].why->hint, "another anchor"));
    seen("other CA", NULL, 6); /* every signer there, and no other */
    assert_int_equal(check(), OUTCOME_PASS);
    seen("other CA", "CN=another", 6);
    assert_int_equal(check(), OUTCOME_PASS);
}

/* Two signers of one issuer: each counts by itself, and none stands for the other. */
static void each_signer_of_an_issuer_counts_by_itself(void **state)
{
    (void)state;
    static struct soft_signer second;
    second = issuer;
    second.leaf.name = "second";
    second.leaf.issuer = &issuer.root;
    soft_ca_issue(&second.leaf);
    second.chain[0] = second.leaf.der;
    second.issuer.chain = second.chain;
    good();
    s.meta.number = 90;
    write_list(&second, s.bytes2, &s.list2);
    s.q.n_lists = 2;
    seen("fleet CA", "CN=signer", 5);
    assert_int_equal(check(), OUTCOME_PASS);
    assert_true(span_equal(s.next, SPAN_LIT("revocation:fleet%20CA/CN%3Dsecond=90")));
    seen("fleet CA", "CN=signer", 6); /* the second's 90 is not the first's */
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
    assert_string_equal(s.f.v[CHECK_POE_REVOKED].why->got, "5");
    seen("fleet CA", NULL, 90); /* of any */
    assert_int_equal(check(), OUTCOME_PASS);
    s.lists[0] = &s.list2; /* the first's list is held back */
    s.q.n_lists = 1;
    seen("fleet CA", "CN=signer", 5);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
    assert_string_equal(s.f.v[CHECK_POE_REVOKED].why->got, "no list of that signer");
    good(); /* nor does a fresh list of the second's make the first's fresh */
    s.meta.valid = (struct window){NOW - 40 * HOUR, NOW + HOUR};
    write_list(&issuer, s.bytes, &s.list);
    s.meta.valid = (struct window){NOW - HOUR, NOW + HOUR};
    s.meta.number = 90;
    write_list(&second, s.bytes2, &s.list2);
    s.q.n_lists = 2;
    expect_skip("older than the policy allows");
}

/* The attack: the list with the number that was seen names the machine and is held back. An older
 * one of the same signer's clears, and beside it lies one of a key of the signer's that was
 * revoked, or has lapsed: whoever has that key writes any number. */
static void a_list_that_clears_nobody_is_not_as_new_as_one_seen(void **state)
{
    (void)state;
    static struct soft_signer stolen;
    static struct soft_cert lapsed;
    struct x509_crls crls = {.n = 0};
    for (int revoked = 0; revoked < 2; revoked++) {
        good();
        stolen = issuer; /* another certificate of that subject */
        stolen.leaf.issuer = &issuer.root;
        stolen.leaf.serial = issuer.leaf.serial + 7;
        lapsed = stolen.leaf;
        if (!revoked)
            lapsed.to = NOW - 60;
        stolen.leaf = lapsed;
        soft_ca_issue(&stolen.leaf);
        stolen.chain[0] = stolen.leaf.der;
        stolen.issuer.chain = stolen.chain;
        s.meta.number = 90;
        write_list(&stolen, s.bytes2, &s.list2);
        s.q.n_lists = 2;
        crls.n = 0;
        x509_crls_add(
            &crls,
            soft_ca_crl(&issuer.root, NOW - HOUR, NOW + HOUR, revoked ? stolen.leaf.serial : 0),
            false);
        s.q.crls = &crls;
        seen("fleet CA", revoked ? "CN=signer" : NULL, 5);
        assert_int_equal(check(), OUTCOME_PASS);
        s.seen.number = 6;
        check();
        expect_fail(s.f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, "number");
        assert_string_equal(s.f.v[CHECK_POE_REVOKED].why->got, "5");
    }
}

static void the_newest_of_two_lists_counts_and_both_revoke(void **state)
{
    (void)state;
    good();
    s.meta.number = 6;
    write_list(&issuer, s.bytes2, &s.list2);
    s.q.n_lists = 2;
    seen("fleet CA", NULL, 6);
    assert_int_equal(check(), OUTCOME_PASS);
    assert_true(span_equal(s.next, SPAN_LIT("revocation:fleet%20CA/CN%3Dsigner=6")));
    s.list2.n_groups = 0; /* the newer one forgot; the older one is still authentic */
    s.ids[0].id = SPAN_ARR(s.piid[0]);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
}

static void what_cannot_be_checked_is_said(void **state)
{
    (void)state;
    good();
    s.q.n_lists = 0;
    param(PARAM_POE_REVOKED_SOURCE, s.source, "none");
    assert_int_equal(check(), OUTCOME_PASS);
    assert_non_null(strstr(s.note, "cannot be checked"));
    param(PARAM_POE_REVOKED_SOURCE, s.source, "list");
    param(PARAM_REVOCATION_UNCHECKED, s.unchecked, "other CA");
    expect_skip("no revocation list");
    param(PARAM_REVOCATION_UNCHECKED, s.unchecked, "fleet CA");
    assert_int_equal(check(), OUTCOME_PASS);
    assert_non_null(s.note);
    s.q.n_lists = 1; /* a list that is there all the same is read */
    s.ids[0].id = SPAN_ARR(s.piid[0]);
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
}

static void the_policys_own_list_needs_no_issuer(void **state)
{
    (void)state;
    good();
    param(PARAM_REVOCATION_DENY, s.deny, "33333333333333333333333333333333");
    check();
    expect_fail(s.f, CHECK_POE_REVOKED, SITUS_REVOKED, "poe.revoked.deny");
    param(PARAM_REVOCATION_DENY, s.deny, "3333333333333333333333333333333333");
    assert_int_equal(check(), OUTCOME_PASS);
    param(PARAM_REVOCATION_DENY, s.deny, "333333333333333333333333333333");
    assert_int_equal(check(), OUTCOME_PASS);
}

static void named_says_whether_an_authentic_list_names_an_id(void **state)
{
    (void)state;
    struct situs_err err = {0};
    good();
    assert_false(revocation_named(&s.q, &err));
    s.ids[1] = (struct revocation_id){REVOCATION_PIID, SPAN_ARR(s.piid[1])};
    assert_true(revocation_named(&s.q, &err));
    expect_err(err, SITUS_REVOKED, "piid", SITUS_NO_OFFSET);
    s.q.issuer = &s.anchors[1];
    err = (struct situs_err){0};
    assert_false(revocation_named(&s.q, &err));
}

static void any_flipped_bit_makes_the_list_say_nothing(void **state)
{
    (void)state;
    static uint8_t copy[8192];
    good();
    struct cose *c = &s.list.doc.cose;
    size_t n = c->signature_at + c->signature.n;
    for (size_t i = 8 * c->payload_at; i < 8 * n; i += 5) {
        struct situs_err err = {0};
        memcpy(copy, s.bytes, n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        s.lists[0] = &s.list2;
        s.arena.used = 0;
        if (revocation_read(&s.list2, span_of(copy, n), &err))
            assert_int_equal(check(), OUTCOME_NOT_RUN);
    }
}

/* The older list is clean and the newer one, which names the machine, is lost with the memory. */
static void no_allocation_loses_a_list_that_names(void **state)
{
    (void)state;
    good();
    s.meta.number = 6;
    write_list(&issuer, s.bytes2, &s.list2);
    s.list.n_groups = 0;
    s.ids[0].id = SPAN_ARR(s.piid[0]);
    assert_int_equal(check(), OUTCOME_PASS); /* what the loss would give */
    s.q.n_lists = 2;
    for (int i = 0; i < 2; i++) {
        faults_lasting = i == 1;
        faults_count = 0;
        assert_int_equal(check(), OUTCOME_FAIL);
        for (size_t calls = faults_count, n = calls / 2 - 60; n <= calls; n += STRIDE) {
            struct situs_err err = {0};
            s.arena.used = 0;
            faults_left = n;
            enum outcome outcome = check();
            faults_left = 0;
            if (outcome == OUTCOME_PASS)
                fail_msg("allocation %zu of %zu lost the list (lasting %d)", n, calls, i);
            s.arena.used = 0;
            faults_left = n;
            bool named = revocation_named(&s.q, &err);
            faults_left = 0;
            if (!named)
                fail_msg("allocation %zu of %zu lost the name (lasting %d)", n, calls, i);
        }
    }
}

static void a_damaged_list_beside_a_good_one_is_not_run(void **state)
{
    (void)state;
    good();
    s.meta.number = 6;
    write_list(&issuer, s.bytes2, &s.list2);
    s.bytes2[s.list2.doc.cose.signature_at] ^= 1;
    s.q.n_lists = 2;
    expect_skip("signature");
    struct situs_err err = {0};
    assert_true(revocation_named(&s.q, &err));
    expect_err(err, SITUS_BAD_SIGNATURE, "signature", SITUS_NO_OFFSET);
}

static void writer_refuses_what_no_reader_takes(void **state)
{
    (void)state;
    struct revocation_writer w;
    struct situs_err err = {0};
    good();
    struct wr out = wr_new(s.bytes, sizeof s.bytes);
    assert_true(revocation_write_begin(&w, &s.meta, &issuer.issuer, soft_signer_put, &out, &err));
    assert_true(revocation_write_add(&w, SPAN_ARR(s.piid[1]), REVOCATION_REASON_SOLD, 1, &err));
    assert_false(revocation_write_add(&w, SPAN_ARR(s.piid[1]), REVOCATION_REASON_SOLD, 1, &err));
    expect_err(err, SITUS_DUPLICATE, "records", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_false(revocation_write_add(&w, SPAN_ARR(s.piid[0]), REVOCATION_REASON_SOLD, 1, &err));
    expect_err(err, SITUS_MALFORMED, "records", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_false(revocation_write_end(&w, &err));
    expect_err(err, SITUS_INTERNAL, "signature", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    s.plans[1] = s.plans[0];
    assert_false(revocation_write_begin(&w, &s.meta, &issuer.issuer, soft_signer_put, &out, &err));
    expect_err(err, SITUS_MALFORMED, "groups", SITUS_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_current_list_that_does_not_name_it_passes),
        cmocka_unit_test(each_named_id_is_revoked_with_reason_and_time),
        cmocka_unit_test(ids_match_whole_and_in_their_kind),
        cmocka_unit_test(no_list_is_not_run),
        cmocka_unit_test(a_stale_list_is_not_run_but_what_it_names_stays_revoked),
        cmocka_unit_test(a_list_whose_signer_has_no_crl_clears_nobody),
        cmocka_unit_test(no_crl_takes_the_force_of_a_list),
        cmocka_unit_test(an_old_crl_does_not_put_an_older_list_in_the_place_of_a_newer),
        cmocka_unit_test(a_signer_that_lapsed_takes_back_and_clears_nobody),
        cmocka_unit_test(a_list_of_somebody_else_says_nothing),
        cmocka_unit_test(no_allocation_loses_a_list_that_names),
        cmocka_unit_test(a_damaged_list_beside_a_good_one_is_not_run),
        cmocka_unit_test(an_older_list_than_one_seen_is_refused),
        cmocka_unit_test(a_signer_under_two_anchors_has_one_count),
        cmocka_unit_test(each_signer_of_an_issuer_counts_by_itself),
        cmocka_unit_test(a_list_that_clears_nobody_is_not_as_new_as_one_seen),
        cmocka_unit_test(the_newest_of_two_lists_counts_and_both_revoke),
        cmocka_unit_test(what_cannot_be_checked_is_said),
        cmocka_unit_test(the_policys_own_list_needs_no_issuer),
        cmocka_unit_test(named_says_whether_an_authentic_list_names_an_id),
        cmocka_unit_test(any_flipped_bit_makes_the_list_say_nothing),
        cmocka_unit_test(writer_refuses_what_no_reader_takes),
    };
    if (!faults_install())
        return 1;
    return cmocka_run_group_tests(tests, make, NULL);
}
