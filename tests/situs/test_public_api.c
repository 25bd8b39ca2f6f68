/* include/situs.h: every rule that it states, as a program that links the library meets it. */
#include "support/lab_machine.h"
#include "support/test.h"

#include "model/finding.h"

#include <jansson.h>
#include <stdalign.h>
#include <stdlib.h>

static struct lab_machine m;
static struct lab_verifier v;
static alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY], other[SITUS_VERIFY_MEMORY];
static const struct situs_memory room = {memory, sizeof memory};
static char text[1 << 20];

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    lab_verifier_new(&v, &m, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_verifier_free(&v);
    lab_machine_free(&m);
    return 0;
}

static struct situs_item item(struct span s)
{
    return (struct situs_item){"item", s.p, s.n};
}

static struct situs_request honest(void)
{
    return lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
}

static const struct situs_result *verify(const struct situs_request *q)
{
    const struct situs_result *r = situs_verify(q, room);
    assert_non_null(r);
    assert_int_equal(situs_result_trusted(r), situs_result_exit(r) == 0);
    return r;
}

static json_t *json_of(const struct situs_result *r)
{
    json_error_t e;
    size_t n = situs_result_json(r, text, sizeof text);
    assert_true(n < sizeof text);
    assert_int_equal(strlen(text), n);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &e);
    if (!o)
        fail_msg("%s at %d: %s", e.text, e.position, text);
    return o;
}

/* The verdict, and the code and part of the error ("" when there is none). */
static void expect(const struct situs_result *r, int exit, const char *code, const char *part)
{
    json_t *o = json_of(r), *err = json_object_get(o, "error");
    if (situs_result_exit(r) != exit)
        fail_msg("%s", text);
    if (!*code)
        assert_true(json_is_null(err));
    else {
        assert_string_equal(json_string_value(json_object_get(err, "code")), code);
        assert_string_equal(json_string_value(json_object_get(err, "part")), part);
    }
    json_decref(o);
}

static void an_honest_machine_is_trusted_and_bound(void **state)
{
    (void)state;
    struct situs_request q = honest();
    const struct situs_result *r = verify(&q);
    expect(r, 0, "", "");
    assert_true(situs_result_trusted(r));
    assert_true(situs_result_holds(r, "genuine"));
    assert_true(situs_result_holds(r, "live"));
    assert_true(situs_result_holds(r, "bound"));
    assert_false(situs_result_holds(r, "boun"));
    assert_false(situs_result_holds(r, ""));
    assert_true(situs_result_simulated(r));
    q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, true, false));
    expect(verify(&q), 0, "", "");
}

static void what_may_be_null_is_refused_and_no_more(void **state)
{
    (void)state;
    assert_false(situs_result_trusted(NULL));
    assert_int_equal(situs_result_exit(NULL), 2);
    assert_false(situs_result_holds(NULL, "genuine"));
    assert_false(situs_result_simulated(NULL));
    assert_false(situs_result_claim(NULL, "tdx.mrtd", text, sizeof text));
    situs_snapshot_free(NULL);
    situs_context_free(NULL);
    struct situs_request q = honest();
    q.policy = NULL;
    assert_null(situs_verify(&q, room));
    q = honest();
    q.trust = NULL; /* the built-in anchors, which know no lab */
    assert_int_equal(situs_result_exit(verify(&q)), 2);
    q = honest();
    q.snapshot = NULL;
    assert_int_equal(situs_result_exit(verify(&q)), 3);
}

static void codes_have_stable_words(void **state)
{
    (void)state;
    assert_string_equal(situs_version(), SITUS_VERSION);
    for (enum situs_code c = SITUS_NONE; c < SITUS_CODE_COUNT; c++) {
        assert_true(*situs_code_name(c));
        assert_true(c == SITUS_NONE || *situs_code_hint(c));
    }
    assert_string_equal(situs_code_name(SITUS_BAD_SIGNATURE), "bad-signature");
    assert_non_null(situs_code_name((enum situs_code)99));
    assert_non_null(situs_code_hint((enum situs_code)99));
}

static void a_bad_file_gives_null_and_says_where(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct situs_item empty = {"none", NULL, 0};
    assert_null(situs_policy_read(empty, room, &err));
    assert_int_not_equal(err.code, SITUS_NONE);
    err = (struct situs_err){0};
    assert_null(situs_trust_read(item(SPAN_LIT("{\"anchors\": []}")), room, &err));
    assert_string_equal(err.part, "trust");
    err = (struct situs_err){0};
    assert_null(situs_policy_preset("genuin", room, &err));
    expect_err(err, SITUS_UNKNOWN, "genuin", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_non_null(situs_policy_preset("genuine", room, &err));
    assert_int_equal(err.code, SITUS_NONE);
    struct situs_item bad = item(SPAN_LIT("no collateral"));
    assert_null(situs_snapshot_load(&bad, 1, v.trust, room, &err));
    assert_string_equal(err.part, "item");
    assert_non_null(situs_trust_builtin());
    assert_ptr_equal(situs_trust_builtin(), situs_trust_builtin());
}

/* What was made in too little memory is nothing, and says so. */
static void expect_no_memory(const void *made, const struct situs_err *err)
{
    assert_string_equal(situs_code_name(err->code), made ? "none" : "no-memory");
}

/* Every size, and addresses that fit no type. */
static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct situs_item part = m.parts[0];
    assert_null(situs_verify(&q, (struct situs_memory){NULL, 0}));
    for (size_t n = 0; n < sizeof other - 7; n += n < 200 ? 1 : 1021) {
        struct situs_memory little = {other + n % 7, n};
        struct situs_err err[3] = {{0}};
        const struct situs_trust *trust = situs_trust_read(item(m.trust), little, &err[0]);
        expect_no_memory(trust, &err[0]);
        assert_true(n > 200 || !trust);
        expect_no_memory(situs_policy_read(item(m.policy), little, &err[1]), &err[1]);
        struct situs_snapshot *s = situs_snapshot_load(&part, 1, v.trust, little, &err[2]);
        expect_no_memory(s, &err[2]);
        situs_snapshot_free(s);
        const struct situs_result *r = situs_verify(&q, little);
        assert_true(n > 4096 || !situs_result_trusted(r));
        assert_int_equal(situs_result_trusted(r), situs_result_exit(r) == 0);
    }
}

static void a_context_needs_the_size_it_says(void **state)
{
    (void)state;
    for (size_t slots = 0; slots < 5; slots++) {
        size_t n = situs_context_size(slots);
        uint8_t *p = malloc(n);
        assert_non_null(p);
        struct situs_context *c = situs_context_new(slots, (struct situs_memory){p, n});
        assert_non_null(c);
        struct situs_request q = honest();
        q.context = c;
        for (int i = 0; i < 3; i++)
            expect(verify(&q), 0, "", "");
        q.at += 400 * LAB_DAY; /* what is cached is not in date for ever */
        assert_int_equal(situs_result_exit(verify(&q)), 3);
        q = honest();
        q.context = c;
        q.trust = NULL; /* nor for other anchors */
        assert_int_equal(situs_result_exit(verify(&q)), 2);
        situs_context_free(c);
        if (slots)
            assert_null(situs_context_new(slots, (struct situs_memory){p, n / 2}));
        free(p);
    }
    assert_int_equal(situs_context_size(SIZE_MAX), SIZE_MAX);
    assert_int_equal(situs_context_size(SIZE_MAX / 64), SIZE_MAX);
    assert_null(situs_context_new(SIZE_MAX, room));
}

/* Anchors are certificates: another reading of the same trust file is the same trust. */
static void a_copy_of_the_trust_counts_and_other_anchors_do_not(void **state)
{
    (void)state;
    struct lab_verifier copy;
    lab_verifier_new(&copy, &m, NULL);
    struct situs_request q = honest();
    q.trust = copy.trust;
    assert_true(situs_result_trusted(verify(&q)));
    q.trust = NULL;
    assert_int_equal(situs_result_exit(verify(&q)), 2);
    lab_verifier_free(&copy);
}

static void archived_evidence_is_not_live(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.archived = true;
    const struct situs_result *r = verify(&q);
    expect(r, 6, "", "");
    assert_true(situs_result_holds(r, "genuine"));
    assert_false(situs_result_holds(r, "live"));
    json_t *o = json_of(r);
    json_t *live = json_object_get(json_object_get(o, "proofs"), "live");
    assert_true(json_is_false(json_object_get(live, "holds")));
    assert_non_null(json_object_get(live, "held_as_of"));
    json_decref(o);
}

static void claims_are_text_of_those_with_authority(void **state)
{
    (void)state;
    char value[200], tight[97];
    struct situs_request q = honest();
    const struct situs_result *r = verify(&q);
    assert_true(situs_result_claim(r, "tdx.mrtd", value, sizeof value));
    assert_int_equal(strlen(value), 96);
    assert_true(situs_result_claim(r, "tdx.mrtd", tight, sizeof tight));
    assert_string_equal(tight, value);
    assert_false(situs_result_claim(r, "tdx.mrtd", tight, sizeof tight - 1));
    assert_false(situs_result_claim(r, "tdx.mrtd", tight, 0));
    assert_true(situs_result_claim(r, "tdx.tcb_status", value, sizeof value));
    assert_string_equal(value, "UpToDate");
    assert_true(situs_result_claim(r, "tpm.guest.ak_hash", value, sizeof value));
    static const char *const none[] = {
        "",          "tdx",        "tdx.", "tdx.mrt",   "sgx.mrtd",
        "tdx.mrtd.", "guest.mrtd", "mrtd", "tpm.guest", "tpm.platform.ak_hash"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(situs_result_claim(r, none[i], value, sizeof value));
    q.trust = NULL; /* nobody vouches for the lab now */
    r = verify(&q);
    assert_false(situs_result_claim(r, "tdx.mrtd", value, sizeof value));
    assert_false(situs_result_claim(r, "tpm.guest.ak_hash", value, sizeof value));
}

/* One result of each kind that JSON must show. */
static const struct situs_result *result_of(int kind)
{
    static const char log[] = "no log";
    struct situs_request q = honest();
    struct span quote = m.quote, bundle = lab_machine_bundle(&m, false, true);
    if (kind == 1)
        q.evidence = item(quote);
    if (kind == 2)
        q.evidence.size = 100;
    if (kind == 3)
        q.nonce.size = 31;
    if (kind == 4)
        q.snapshot = NULL;
    if (kind == 5)
        q.at = 0;
    if (kind == 6)
        q.evidence = item(bundle);
    if (kind == 7)
        q.trust = NULL;
    if (kind == 8)
        q.pcr_log = item(span_of(log, sizeof log));
    if (kind == 9)
        q.evidence.size = 0;
    return kind < 10 ? verify(&q) : NULL;
}

static void expect_reason(json_t *o)
{
    static const char *const words[] = {"code", "part", "field", "expected", "got", "hint"};
    json_t *at = json_object_get(o, "at");
    assert_true(json_is_null(at) || json_is_integer(at));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(json_is_string(json_object_get(o, words[i])));
    assert_true(json_string_length(json_object_get(o, "hint")) > 0);
}

static void expect_checks(json_t *list)
{
    size_t i;
    json_t *o;
    assert_true(json_array_size(list) > 10);
    json_array_foreach(list, i, o)
    {
        const char *outcome = json_string_value(json_object_get(o, "outcome"));
        const char *id = json_string_value(json_object_get(o, "id"));
        assert_true(check_find(span_text(id)) < CHECK_COUNT);
        if (strcmp(outcome, "fail") == 0)
            expect_reason(o);
        else if (strcmp(outcome, "not-run") == 0)
            assert_true(json_string_length(json_object_get(o, "reason")) > 0);
        else
            assert_string_equal(outcome, "pass");
    }
}

static void expect_shape(json_t *o)
{
    const char *name;
    json_t *proof, *value;
    assert_true(json_is_boolean(json_object_get(o, "simulated")));
    assert_true(json_is_string(json_object_get(o, "policy")));
    assert_int_equal(json_string_length(json_object_get(o, "policy_sha256")), 64);
    assert_int_equal(json_string_length(json_object_get(o, "at")), 20);
    size_t proofs = 0;
    for (unsigned bit = 1; bit <= PROOF_ALL; bit <<= 1)
        proofs++;
    assert_int_equal(json_object_size(json_object_get(o, "proofs")), proofs);
    json_object_foreach(json_object_get(o, "proofs"), name, proof)
    {
        assert_true(json_is_boolean(json_object_get(proof, "holds")));
        assert_int_equal(json_array_size(json_object_get(proof, "rests_on")) > 0,
                         json_is_true(json_object_get(proof, "holds")));
    }
    expect_checks(json_object_get(o, "checks"));
    json_object_foreach(json_object_get(o, "claims"), name, value)
        assert_true(strncmp(name, "tdx.", 4) == 0 || strncmp(name, "tpm.guest.", 10) == 0);
    assert_true(json_is_array(json_object_get(o, "notes")));
    if (!json_is_null(json_object_get(o, "error")))
        expect_reason(json_object_get(o, "error"));
}

static void the_json_report_keeps_its_shape(void **state)
{
    (void)state;
    for (int kind = 0; result_of(kind); kind++) {
        const struct situs_result *r = result_of(kind);
        json_t *o = json_of(r);
        bool trusted = situs_result_trusted(r);
        assert_string_equal(json_string_value(json_object_get(o, "verdict")),
                            trusted ? "trusted" : "refused");
        assert_int_equal(json_integer_value(json_object_get(o, "exit")), situs_result_exit(r));
        assert_int_equal(trusted, kind == 0 || kind == 6);
        expect_shape(o);
        json_decref(o);
    }
}

static void the_text_report_lists_every_check(void **state)
{
    (void)state;
    for (int kind = 0; result_of(kind); kind++) {
        const struct situs_result *r = result_of(kind);
        size_t n = situs_result_text(r, false, text, sizeof text);
        assert_true(n < sizeof text);
        assert_null(strchr(text, '\033'));
        assert_non_null(strstr(text, situs_result_trusted(r) ? "TRUSTED" : "REFUSED"));
        bool read = situs_result_exit(r) == 0 || kind == 1;
        for (enum check c = 0; c < CHECK_COUNT; c++)
            if (check_row(c)->kind == KIND_ANY || check_row(c)->kind == KIND_TPM ||
                (read && check_row(c)->kind == KIND_TDX))
                assert_non_null(strstr(text, check_row(c)->id));
        n = situs_result_text(r, true, text, sizeof text);
        assert_non_null(strchr(text, '\033'));
    }
}

static void a_report_that_does_not_fit_says_its_size(void **state)
{
    (void)state;
    struct situs_request q = honest();
    const struct situs_result *r = verify(&q);
    size_t whole = situs_result_json(r, NULL, 0);
    char *p = malloc(whole + 1);
    assert_non_null(p);
    for (size_t n = 1; n <= whole + 1; n += n < 40 ? 1 : 97) {
        assert_int_equal(situs_result_json(r, p, n), whole);
        assert_true(strlen(p) < n);
    }
    assert_int_equal(situs_result_json(r, p, whole + 1), whole);
    assert_int_equal(strlen(p), whole);
    assert_int_equal(situs_result_text(r, false, NULL, 0),
                     situs_result_text(r, false, text, sizeof text));
    free(p);
}

static void collateral_of_the_bundle_serves_when_there_is_no_other(void **state)
{
    (void)state;
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, true));
    expect(verify(&q), 0, "", "");
    situs_result_text(verify(&q), false, text, sizeof text);
    assert_non_null(strstr(text, "the collateral in the bundle was not used"));
    q.snapshot = NULL;
    const struct situs_result *r = verify(&q);
    expect(r, 0, "", "");
    situs_result_text(r, false, text, sizeof text);
    assert_non_null(strstr(text, "collateral came in the bundle"));
    q.at += 400 * LAB_DAY;
    expect(verify(&q), 3, "", "");
    q.at = LAB_MACHINE_AT;
    q.trust = NULL;
    expect(verify(&q), 2, "untrusted", "intel");
}

static void collateral_of_the_bundle_must_load(void **state)
{
    (void)state;
    struct lab_tcb_info *t = &m.collateral.tcb_info;
    t->signing_key = LAB_KEY_IMPOSTOR;
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, true));
    t->signing_key = LAB_KEY_TCB_SIGNING;
    expect(verify(&q), 0, "", ""); /* the caller's own is used */
    q.snapshot = NULL;
    expect(verify(&q), 2, "bad-signature", "intel");
    q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, true));
    q.snapshot = NULL;
    for (size_t n = 0; n < sizeof other; n += 4096) {
        const struct situs_result *r = situs_verify(&q, (struct situs_memory){other, n});
        assert_true(!situs_result_trusted(r) || n > 32 * 1024);
    }
}

static void evidence_that_does_not_read_is_2(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct situs_item none = {"none", NULL, 0};
    q.evidence = item(SPAN_LIT("{}"));
    expect(verify(&q), 2, "missing", "bundle");
    q.evidence = item(SPAN_LIT("\xa0"));
    expect(verify(&q), 2, "missing", "bundle");
    q.evidence = none;
    expect(verify(&q), 2, "too-short", "quote");
    q = honest();
    q.ccel = item(m.ccel);
    expect(verify(&q), 2, "duplicate", "log.tdx");
    struct span quote = m.quote;
    m.quote = SPAN_LIT("\x04");
    q = honest();
    m.quote = quote;
    expect(verify(&q), 2, "too-short", "quote");
}

/* Whose quote it is must be said: by TPMT_PUBLIC, or by a certificate of the key. */
static void a_tpm_quote_without_its_key_is_2(void **state)
{
    (void)state;
    const struct tpm_value whole = m.tpm;
    m.tpm.public_area = span_of(NULL, 0);
    m.tpm.n_certs = 0;
    struct situs_request q = honest();
    const struct situs_result *r = verify(&q);
    m.tpm = whole;
    expect(r, 2, "missing", "guest");
    json_t *o = json_of(r);
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "error"), "field")),
                        "public");
    json_decref(o);
    assert_false(situs_result_holds(r, "bound"));
    q = honest();
    assert_true(situs_result_trusted(verify(&q)));
}

static struct situs_endorsements *load(const struct situs_item *items, size_t n,
                                       struct situs_err *err)
{
    static alignas(max_align_t) uint8_t words[SITUS_VERIFY_MEMORY];
    return situs_endorsements_load(items, n, NULL, (struct situs_memory){words, sizeof words}, err);
}

static void endorsements_are_bounded_and_known(void **state)
{
    (void)state;
    static struct situs_item many[SITUS_ENDORSEMENTS + 1];
    static const char *const line = "00112233445566778899aabbccddeeff,label\n";
    struct situs_err err;
    for (size_t i = 0; i <= SITUS_ENDORSEMENTS; i++)
        many[i] = (struct situs_item){"list.csv", line, strlen(line)};
    assert_null(load(many, SITUS_ENDORSEMENTS + 1, &err));
    assert_int_equal(err.code, SITUS_TOO_LONG);
    struct situs_endorsements *words = load(many, SITUS_ENDORSEMENTS, &err);
    assert_non_null(words);
    struct situs_request q = honest();
    q.endorsements = words;
    assert_true(situs_result_trusted(verify(&q))); /* nobody asked for a list */
    situs_endorsements_free(words); /* what was freed is not nothing: no list would take back */
    expect(verify(&q), 1, "missing", "request");
    many[0] = (struct situs_item){NULL, NULL, 0};
    assert_null(load(many, 1, &err));
    assert_int_equal(err.code, SITUS_MISSING);
    assert_string_equal(err.part, "endorsement");
    assert_null(load(NULL, 1, &err));
    words = load(NULL, 0, &err);
    assert_non_null(words);
    situs_endorsements_free(words);
    situs_endorsements_free(NULL);
}

/* A file that was read as empty is not a file that nobody gave; a size without bytes is a
 * mistake. */
static void an_item_without_bytes_refuses_the_request(void **state)
{
    (void)state;
    static const size_t at[] = {
        offsetof(struct situs_request, ccel), offsetof(struct situs_request, pcr_log),
        offsetof(struct situs_request, nonce), offsetof(struct situs_request, channel)};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct situs_request q = honest();
        void *item = (char *)&q + at[i];
        memcpy(item, &(struct situs_item){"given.bin", "", 0}, sizeof(struct situs_item));
        expect(verify(&q), 1, "missing", "given.bin");
        memcpy(item, &(struct situs_item){"given.bin", NULL, 7}, sizeof(struct situs_item));
        expect(verify(&q), 1, "missing", "given.bin");
    }
}

static void live_without_a_named_peer_says_so(void **state)
{
    (void)state;
    for (int named = 0; named < 2; named++) {
        struct situs_request q = honest();
        if (!named)
            q.channel = (struct situs_item){NULL, NULL, 0};
        const struct situs_result *r = verify(&q);
        assert_true(situs_result_holds(r, "live"));
        json_t *o = json_of(r);
        bool said = strstr(text, "no peer was named (--channel)") != NULL;
        assert_int_equal(said, !named);
        json_decref(o);
        situs_result_text(r, false, text, sizeof text);
        assert_int_equal(strstr(text, "live is of whoever holds") != NULL, !named);
    }
}

/* The item's name is all that the caller knows of it. */
static void what_does_not_read_is_not_loaded(void **state)
{
    (void)state;
    const struct situs_item given = {"revoked.cose", "<html>503</html>", 16};
    struct situs_err err;
    assert_null(load(&given, 1, &err));
    assert_int_equal(err.code, SITUS_UNKNOWN);
    assert_string_equal(err.part, "revoked.cose");
    assert_true(err.hint[0] != 0);
}

static void a_bundle_without_a_quote_is_6(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.evidence = item(SPAN_LIT("{\"__cmwc_t\": \"2.25.332511419858681687415794042427137118699\", "
                               "\"channel\": [\"application/vnd.situs.spki\", \"AAAA\"]}"));
    expect(verify(&q), 6, "", "");
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_honest_machine_is_trusted_and_bound),
        CASE(what_may_be_null_is_refused_and_no_more),
        CASE(codes_have_stable_words),
        CASE(a_bad_file_gives_null_and_says_where),
        CASE(too_little_memory_is_an_error),
        CASE(a_context_needs_the_size_it_says),
        CASE(a_copy_of_the_trust_counts_and_other_anchors_do_not),
        CASE(archived_evidence_is_not_live),
        CASE(claims_are_text_of_those_with_authority),
        CASE(the_json_report_keeps_its_shape),
        CASE(the_text_report_lists_every_check),
        CASE(a_report_that_does_not_fit_says_its_size),
        CASE(collateral_of_the_bundle_serves_when_there_is_no_other),
        CASE(collateral_of_the_bundle_must_load),
        CASE(evidence_that_does_not_read_is_2),
        CASE(a_tpm_quote_without_its_key_is_2),
        CASE(endorsements_are_bounded_and_known),
        CASE(an_item_without_bytes_refuses_the_request),
        CASE(live_without_a_named_peer_says_so),
        CASE(what_does_not_read_is_not_loaded),
        CASE(a_bundle_without_a_quote_is_6),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
