/* endorse/id_list: whole ids, in time, by a signer who may name the owner, never an older list. */
#include "support/list_run.h"

static void list_holds_a_machine_and_says_what_it_knows(void **state)
{
    (void)state;
    good();
    answer();
    for (enum check c = CHECK_LIST_SIGNATURE; c <= CHECK_LIST_ROLLBACK; c++)
        assert_int_equal(s.answer.findings.v[c].outcome, OUTCOME_PASS);
    const struct claims *c = &s.answer.claims;
    assert_ptr_equal(c->authority, &s.anchors[0]);
    assert_true(span_equal(claims_get(c, CLAIM_OWNER)->bytes, SPAN_LIT("owner.example")));
    assert_true(span_equal(claims_get(c, CLAIM_FACILITY)->bytes, SPAN_LIT("hall 4")));
    assert_true(span_equal(claims_get(c, CLAIM_ISSUER)->bytes, SPAN_LIT("fleet CA")));
    assert_true(span_equal(claims_get(c, CLAIM_LIST_KIND)->bytes, SPAN_LIT("ppid")));
    assert_true(span_equal(claims_get(c, CLAIM_LIST_SOURCE)->bytes, SPAN_LIT("signed")));
    assert_true(span_equal(claims_get(c, CLAIM_LIST_ENTRY)->bytes, span_of(s.ids[1], 16)));
    assert_int_equal(claims_get(c, CLAIM_LIST_NUMBER)->num, 7);
    assert_int_equal(claims_get(c, CLAIM_NOT_BEFORE)->num, NOW - HOUR);
    assert_int_equal(claims_get(c, CLAIM_NOT_AFTER)->num, NOW + HOUR);
}

static void list_finds_every_entry_and_nothing_else(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(id_list_find(&s.list, span_of(s.ids[i], 16)).n, 16);
        for (size_t n = 0; n < 64; n++) /* a prefix is another id, and so is a longer one */
            if (n != 16)
                assert_int_equal(id_list_find(&s.list, span_of(s.ids[i], n)).n, 0);
        s.ids[i][15] ^= 1;
        assert_int_equal(id_list_find(&s.list, span_of(s.ids[i], 16)).n, 0);
    }
}

static void list_of_salted_hashes_holds_the_same_machines(void **state)
{
    (void)state;
    static const uint8_t salt[16] = "0123456789abcde";
    good();
    s.meta.salt = SPAN_ARR(salt);
    answer();
    assert_non_null(s.answer.claims.authority);
    assert_int_equal(s.answer.claims.v[CLAIM_LIST_ENTRY].bytes.n, 32);
    for (size_t i = 0; i + 16 <= s.file.n; i++) /* the ids themselves are not in it */
        assert_memory_not_equal(s.file.p + i, s.ids[1], 16);
    s.ids[1][0] ^= 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "entries");
}

static void list_of_chip_ids_matches_chip_ids_only(void **state)
{
    (void)state;
    good();
    s.meta.kind = LISTING_CHIP_ID;
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "chip_id");
    claim_bytes(&s.claims[INSTANCE_TEE], CLAIM_CHIP_ID, span_of(s.ids[2], 64));
    ask();
    assert_non_null(s.answer.claims.authority);
}

static void a_known_chain_is_of_its_trust_store(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    assert_true(signed_doc_know(&s.list.doc, &s.trust, NOW, &s.arena));
    ask();
    assert_non_null(s.answer.claims.authority);
    s.anchors[0].der = other.anchor.der;
    memcpy(s.anchors[0].sha256, other.anchor.sha256, sizeof s.anchors[0].sha256);
    s.trust.sha256[31] = 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
    assert_null(s.answer.claims.authority);
}

static void list_matches_no_id_without_authority(void **state)
{
    (void)state;
    good();
    s.claims[INSTANCE_TEE].authority = NULL; /* as of a quote that nobody verified */
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "ppid");
    assert_null(s.answer.claims.authority);
}

static void list_matches_no_id_of_another_size(void **state)
{
    (void)state;
    good();
    claim_bytes(&s.claims[INSTANCE_TEE], CLAIM_PPID, span_of(s.ids[1], 15));
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "ppid");
}

static void list_without_the_machine_is_a_mismatch(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    s.ids[1][15] ^= 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "entries");
    assert_null(s.answer.claims.authority);
}

static void list_counts_in_its_time_only(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    s.q.at = NOW - HOUR;
    ask();
    assert_non_null(s.answer.claims.authority);
    s.q.at = NOW + HOUR;
    ask();
    assert_non_null(s.answer.claims.authority);
    s.q.at = NOW - HOUR - 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_NOT_YET_VALID, "this_update");
    s.q.at = NOW + HOUR + 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_EXPIRED, "next_update");
    assert_null(s.answer.claims.authority);
}

static void list_older_than_the_policy_allows_is_expired(void **state)
{
    (void)state;
    good();
    s.policy.v[PARAM_LIST_MAX_AGE] = (struct param_value){.given = true, .num = 1};
    answer();
    assert_int_equal(s.answer.findings.v[CHECK_LIST_WINDOW].outcome, OUTCOME_PASS);
    s.q.at++;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_EXPIRED, "this_update");
}

static void list_older_than_one_seen_is_rolled_back(void **state)
{
    (void)state;
    good();
    seen(7, NULL);
    answer();
    assert_non_null(s.answer.claims.authority);
    seen(8, NULL);
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
    assert_null(s.answer.claims.authority);
    seen(1, NULL);
    s.policy.v[PARAM_LIST_MIN_NUMBER] = (struct param_value){.given = true, .num = 8};
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
}

static void list_says_that_rollback_could_not_be_seen(void **state)
{
    (void)state;
    good();
    answer();
    assert_int_equal(s.answer.n_notes, 2); /* and that no CRL was checked */
    seen(1, NULL);
    ask();
    assert_int_equal(s.answer.n_notes, 1);
}

/* Each signer counts for itself, by kind, and may count its facilities apart. */
static void numbers_seen_are_of_one_signer_kind_and_facility(void **state)
{
    (void)state;
    static const struct situs_seen others[] = {{"ppid", "other CA", NULL, NULL, 8},
                                               {"ppid", "fleet CA", NULL, "hall 5", 9},
                                               {"ppid", "fleet CA", NULL, "hall", 9},
                                               {"ppid", "fleet CA", "CN=other", NULL, 9},
                                               {"ppid", "fleet CA", "CN=signers", "hall 4", 9},
                                               {"chip_id", "fleet CA", NULL, NULL, 9},
                                               {"revocation", "fleet CA", NULL, NULL, 9}};
    good();
    s.q.seen = (struct seen){others, sizeof others / sizeof *others};
    answer();
    assert_non_null(s.answer.claims.authority);
    seen(8, "hall 4");
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
    seen(7, "hall 4");
    ask();
    assert_non_null(s.answer.claims.authority);
}

/* A signer whose chain leads to two anchors has one count, whichever the sender of a list chose. */
static void a_signer_under_two_anchors_has_one_count(void **state)
{
    (void)state;
    static const struct situs_seen elsewhere[] = {{"ppid", "other CA", "CN=signer", "hall 4", 8}};
    good();
    s.q.seen = (struct seen){elsewhere, 1};
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
    assert_non_null(strstr(s.answer.findings.v[CHECK_LIST_ROLLBACK].why->hint, "another anchor"));
    static const struct situs_seen there[] = {{"ppid", "other CA", NULL, "hall 4", 8}};
    s.q.seen = (struct seen){there, 1}; /* every signer there, and no other */
    ask();
    assert_non_null(s.answer.claims.authority);
    static const struct situs_seen both[] = {{"ppid", "other CA", "CN=signer", NULL, 7},
                                             {"ppid", "fleet CA", "CN=signer", NULL, 6}};
    s.q.seen = (struct seen){both, 2};
    ask();
    assert_non_null(s.answer.claims.authority);
}

static void a_list_says_what_to_remember(void **state)
{
    (void)state;
    good();
    answer();
    struct span text = s.answer.claims.v[CLAIM_SEEN].bytes;
    assert_true(span_equal(text, SPAN_LIT("ppid:fleet%20CA/CN%3Dsigner=hall%204=7")));
    assert_true(span_equal(s.answer.claims.v[CLAIM_SIGNER].bytes, SPAN_LIT("CN=signer")));
}

static void seen_is(enum situs_code code, const struct situs_seen *entry)
{
    s.err = (struct situs_err){0};
    const struct seen one = {entry, 1};
    assert_int_equal(seen_known(one, &s.trust, "list_seen", &s.err), code == SITUS_NONE);
    if (code != SITUS_NONE)
        expect_err(s.err, code, "list_seen", SITUS_NO_OFFSET);
}

static void what_was_seen_must_be_of_a_known_signer(void **state)
{
    (void)state;
    good(); /* the anchor is for lists, and for endorsements */
    seen_is(SITUS_NONE, &(struct situs_seen){"ppid", "fleet CA", "CN=a", "hall 4", 7});
    seen_is(SITUS_NONE, &(struct situs_seen){"chip_id", "fleet CA", NULL, NULL, 1});
    seen_is(SITUS_NONE, &(struct situs_seen){"revocation", "fleet CA", "CN=a", NULL, 7});
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){"PPID", "fleet CA", NULL, NULL, 7});
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){"piid", "fleet CA", NULL, NULL, 7});
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){NULL, "fleet CA", NULL, NULL, 7});
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){"ppid", "fleet CAs", NULL, NULL, 7});
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){"ppid", NULL, NULL, NULL, 7});
    seen_is(SITUS_MALFORMED, &(struct situs_seen){"revocation", "fleet CA", NULL, "hall 4", 7});
    seen_is(SITUS_MALFORMED, &(struct situs_seen){"ppid", "fleet CA", NULL, "", 7});
    seen_is(SITUS_MALFORMED, &(struct situs_seen){"ppid", "fleet CA", "signer", NULL, 7});
    seen_is(SITUS_MALFORMED, &(struct situs_seen){"ppid", "fleet CA", "", NULL, 7});
    seen_is(SITUS_MALFORMED, &(struct situs_seen){"ppid", "fleet CA", NULL, NULL, 0});
    s.anchors[0].uses = ANCHOR_POE;
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){"ppid", "fleet CA", NULL, NULL, 7});
    seen_is(SITUS_NONE, &(struct situs_seen){"revocation", "fleet CA", NULL, NULL, 7});
    s.anchors[0].uses = ANCHOR_LIST;
    seen_is(SITUS_UNKNOWN, &(struct situs_seen){"revocation", "fleet CA", NULL, NULL, 7});
}

/* The list of number 7, and beside it one with a change of its words, of number 8. */
static bool is_superseded(enum claim_id changed, const char *to)
{
    static struct answer second;
    good();
    answer();
    second = s.answer;
    claim_num(&second.claims, CLAIM_LIST_NUMBER, 8);
    claim_bytes(&second.claims, changed, span_text(to));
    struct answer *const both[] = {&s.answer, &second};
    listing_supersede(both, 2);
    assert_non_null(second.claims.authority);
    if (s.answer.claims.authority)
        return false;
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
    /* only the same signer's newer word ends what the older one says of another's machine */
    assert_int_equal(s.answer.names, changed == CLAIM_ISSUER || changed == CLAIM_SIGNER);
    return true;
}

static void a_newer_list_ends_the_older_one_of_its_signer_facility_and_kind(void **state)
{
    (void)state;
    assert_true(is_superseded(CLAIM_OWNER, "owner.example"));
    assert_true(is_superseded(CLAIM_OWNER, "a new name of the same owner"));
    assert_true(is_superseded(CLAIM_ISSUER, "other CA")); /* the same signer under two anchors */
    assert_true(is_superseded(CLAIM_SIGNER, "CN=a new name of the signer"));
    assert_false(is_superseded(CLAIM_FACILITY, "hall 5"));
    assert_false(is_superseded(CLAIM_LIST_KIND, "chip_id"));
    static struct answer second; /* of another signer under another anchor */
    good();
    answer();
    second = s.answer;
    claim_num(&second.claims, CLAIM_LIST_NUMBER, 8);
    claim_bytes(&second.claims, CLAIM_ISSUER, SPAN_LIT("other CA"));
    claim_bytes(&second.claims, CLAIM_SIGNER, SPAN_LIT("CN=another"));
    struct answer *const both[] = {&s.answer, &second};
    listing_supersede(both, 2);
    assert_non_null(s.answer.claims.authority);
}

static void list_of_a_foreign_signer_is_untrusted(void **state)
{
    (void)state;
    good();
    list_by(&other);
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
    for (enum check c = CHECK_LIST_WINDOW; c <= CHECK_LIST_ROLLBACK; c++)
        assert_int_equal(s.answer.findings.v[c].outcome, OUTCOME_NOT_RUN);
    assert_null(s.answer.claims.authority);
    s.anchors[0].uses = ~(unsigned)ANCHOR_LIST; /* nor does an anchor for other uses count */
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void list_by_another_algorithm_is_refused(void **state)
{
    (void)state;
    static uint8_t copy[8192];
    struct situs_err err = {0};
    good();
    list_by(&signer);
    memcpy(copy, s.file.p, s.file.n);
    uint8_t *alg = copy + (s.list.doc.cose.headers.p - s.file.p) + 2; /* a2 01 38 32: -51 */
    assert_int_equal(alg[1], 0x32);
    alg[1] = 0x23; /* -36: ES512 (RFC 9053, 2.1) */
    assert_true(id_list_read(&s.list, span_of(copy, s.file.n), &err));
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNSUPPORTED, "alg");
}

static void list_by_a_ca_or_another_key_use_is_refused(void **state)
{
    (void)state;
    static struct soft_signer wrong;
    soft_signer_make(&wrong, "fleet CA", NOW, "keyAgreement");
    good();
    s.anchors[0] = wrong.anchor;
    list_by(&wrong);
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "chain[0].key_usage");
}

static void list_of_a_revoked_signer_is_refused(void **state)
{
    (void)state;
    struct span crl;
    struct x509_crls crls;
    good();
    s.policy.v[PARAM_LIST_REQUIRE_CRL].flag = true;
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_MISSING, "chain[0].crl");
    crl = soft_ca_crl(&signer.root, NOW - 60, NOW + 60, 0);
    s.q.crls = soft_ca_crls(&crls, &crl, 1);
    ask();
    assert_non_null(s.answer.claims.authority);
    crl = soft_ca_crl(&signer.root, NOW - 60, NOW + 60, signer.leaf.serial);
    s.q.crls = soft_ca_crls(&crls, &crl, 1);
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_REVOKED, "chain[0].serial_number");
}

/* What takes the proof of a list takes none of its force against an older list, or one of another
 * owner: only the caller's own CRLs can say that its signer's word is over. */
static void a_crl_of_the_bundle_takes_no_force(void **state)
{
    (void)state;
    static const struct {
        int from, to; /* hours around now */
        bool revokes, bundle, force;
        enum situs_code code;
    } rows[] = {
        {-40, -1, false, true, true, SITUS_EXPIRED},     {-1, 1, true, true, true, SITUS_REVOKED},
        {-40, -1, false, false, true, SITUS_EXPIRED},    {-1, 1, true, false, false, SITUS_REVOKED},
        {1, 2, false, false, true, SITUS_NOT_YET_VALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct answer older;
        struct answer *const both[] = {&s.answer, &older};
        struct x509_crls crls = {.n = 0};
        good();
        s.meta.number = 6;
        answer();
        older = s.answer;
        assert_non_null(older.claims.authority);
        s.meta.number = 7;
        list_by(&signer);
        x509_crls_add(&crls,
                      soft_ca_crl(&signer.root, NOW + rows[i].from * HOUR, NOW + rows[i].to * HOUR,
                                  rows[i].revokes ? signer.leaf.serial : 0),
                      rows[i].bundle);
        s.q.crls = &crls;
        ask();
        assert_int_equal(s.answer.findings.v[CHECK_LIST_SIGNATURE].outcome, OUTCOME_FAIL);
        assert_int_equal(s.answer.findings.v[CHECK_LIST_SIGNATURE].why->code, rows[i].code);
        assert_null(s.answer.claims.authority);
        assert_int_equal(s.answer.names, rows[i].force);
        listing_supersede(both, 2);
        assert_int_equal(older.claims.authority == NULL, rows[i].force);
    }
}

static void list_with_any_flipped_bit_holds_nothing(void **state)
{
    (void)state;
    static uint8_t copy[8192];
    good();
    list_by(&signer);
    struct span file = s.file;
    const uint8_t *root = s.list.doc.chain[1].p; /* the anchor stands for it */
    size_t from = (size_t)(root - file.p), to = from + s.list.doc.chain[1].n;
    for (size_t i = 0; i < 8 * file.n; i += 11) {
        struct situs_err err = {0};
        memcpy(copy, file.p, file.n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        s.arena.used = 0;
        if ((i / 8 >= from && i / 8 < to) || !id_list_read(&s.list, span_of(copy, file.n), &err))
            continue;
        ask();
        assert_null(s.answer.claims.authority);
    }
}

static void signer_speaks_for_the_owners_of_the_policy_only(void **state)
{
    (void)state;
    static const char *const pairs[] = {"other CA=owner.example", "fleet CA=owner.exampl",
                                        "fleet CA=owner.example2"};
    good();
    list_by(&signer);
    for (size_t i = 0; i < 3; i++) {
        param(PARAM_LIST_ALLOW, s.allow, pairs[i]);
        ask();
        expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "owner");
    }
    s.policy.v[PARAM_LIST_ALLOW] = (struct param_value){0};
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "owner");
}

static void facilities_of_the_policy_bound_the_list(void **state)
{
    (void)state;
    good();
    param(PARAM_LIST_FACILITIES, s.facilities, "hall 4");
    answer();
    assert_non_null(s.answer.claims.authority);
    param(PARAM_LIST_FACILITIES, s.facilities, "hall 40");
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "facility");
}

static void a_denied_id_is_not_listed(void **state)
{
    (void)state;
    good();
    param(PARAM_REVOCATION_DENY, s.deny, "22222222222222222222222222222222");
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny");
    param(PARAM_REVOCATION_DENY, s.deny, "2222222222222222222222222222222222");
    ask();
    assert_non_null(s.answer.claims.authority);
}

static void a_policy_of_other_sources_takes_no_signed_list(void **state)
{
    (void)state;
    good();
    param(PARAM_LIST_SOURCES, s.sources, "alliance-csv");
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source");
}

static void two_lists_of_two_owners_are_both_refused(void **state)
{
    (void)state;
    struct answer second;
    struct claims c = {0};
    struct findings f = {.arena = &s.arena};
    good();
    answer();
    second = s.answer;
    const struct answer *both[] = {&s.answer, &second};
    assert_ptr_equal(answer_settle(&listing_family, both, 2, &c, &f), &s.answer);
    assert_ptr_equal(c.authority, &s.anchors[0]);
    claim_bytes(&second.claims, CLAIM_OWNER, SPAN_LIT("someone.else"));
    answer_settle(&listing_family, both, 2, &c, &f);
    expect_fail(f, CHECK_LIST_MATCH, SITUS_DUPLICATE, "owner");
    assert_null(c.authority);
}

/* Numbers are compared among lists of one signer, facility and kind, whomever they name. */
static void a_newer_list_outdates_its_own_kind_only(void **state)
{
    (void)state;
    static const enum claim_id of[] = {CLAIM_ISSUER, CLAIM_FACILITY, CLAIM_LIST_KIND};
    static struct answer old, new; /* a signer: by anchor or subject; another has both others */
    struct answer *both[] = {&old, &new};
    good();
    answer();
    for (size_t i = 0; i < 3; i++) {
        old = new = s.answer;
        new.claims.v[CLAIM_LIST_NUMBER].num++;
        claim_bytes(&new.claims, of[i], SPAN_LIT("another"));
        claim_bytes(&new.claims, CLAIM_SIGNER, SPAN_LIT("CN=another"));
        listing_supersede(both, 2);
        assert_non_null(old.claims.authority);
    }
    old = new = s.answer;
    listing_supersede(both, 2); /* the same list twice */
    assert_true(old.claims.authority && new.claims.authority);
    new.claims.v[CLAIM_LIST_NUMBER].num++;
    claim_bytes(&new.claims, CLAIM_OWNER, SPAN_LIT("another")); /* sold, so to say */
    listing_supersede(both, 2);
    expect_fail(old.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
    assert_null(old.claims.authority);
    assert_non_null(new.claims.authority);
}

static void the_list_that_holds_is_the_one_in_use(void **state)
{
    (void)state;
    static struct answer bad;
    struct claims c = {0};
    good();
    list_by(&signer);
    struct findings f = {.arena = &s.arena};
    s.ids[1][15] ^= 1;
    id_list_answer(&s.list, &s.q, &bad);
    s.ids[1][15] ^= 1;
    ask();
    const struct answer *both[] = {&bad, &s.answer};
    assert_ptr_equal(answer_settle(&listing_family, both, 2, &c, &f), &s.answer);
    assert_int_equal(f.v[CHECK_LIST_MATCH].outcome, OUTCOME_PASS);
    assert_non_null(c.authority);
    assert_null(answer_settle(&listing_family, both, 0, &c, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_holds_a_machine_and_says_what_it_knows),
        cmocka_unit_test(list_finds_every_entry_and_nothing_else),
        cmocka_unit_test(list_of_salted_hashes_holds_the_same_machines),
        cmocka_unit_test(list_of_chip_ids_matches_chip_ids_only),
        cmocka_unit_test(a_known_chain_is_of_its_trust_store),
        cmocka_unit_test(list_matches_no_id_without_authority),
        cmocka_unit_test(list_matches_no_id_of_another_size),
        cmocka_unit_test(list_without_the_machine_is_a_mismatch),
        cmocka_unit_test(list_counts_in_its_time_only),
        cmocka_unit_test(list_older_than_the_policy_allows_is_expired),
        cmocka_unit_test(list_older_than_one_seen_is_rolled_back),
        cmocka_unit_test(list_says_that_rollback_could_not_be_seen),
        cmocka_unit_test(numbers_seen_are_of_one_signer_kind_and_facility),
        cmocka_unit_test(a_signer_under_two_anchors_has_one_count),
        cmocka_unit_test(a_list_says_what_to_remember),
        cmocka_unit_test(what_was_seen_must_be_of_a_known_signer),
        cmocka_unit_test(a_newer_list_ends_the_older_one_of_its_signer_facility_and_kind),
        cmocka_unit_test(list_of_a_foreign_signer_is_untrusted),
        cmocka_unit_test(list_by_another_algorithm_is_refused),
        cmocka_unit_test(list_by_a_ca_or_another_key_use_is_refused),
        cmocka_unit_test(list_of_a_revoked_signer_is_refused),
        cmocka_unit_test(a_crl_of_the_bundle_takes_no_force),
        cmocka_unit_test(list_with_any_flipped_bit_holds_nothing),
        cmocka_unit_test(signer_speaks_for_the_owners_of_the_policy_only),
        cmocka_unit_test(facilities_of_the_policy_bound_the_list),
        cmocka_unit_test(a_denied_id_is_not_listed),
        cmocka_unit_test(a_policy_of_other_sources_takes_no_signed_list),
        cmocka_unit_test(two_lists_of_two_owners_are_both_refused),
        cmocka_unit_test(a_newer_list_outdates_its_own_kind_only),
        cmocka_unit_test(the_list_that_holds_is_the_one_in_use),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
