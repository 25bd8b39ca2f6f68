/* include/situs.h: what a program learns of a refusal without reading JSON, and in how much memory.
 */
#include "base/limits.h"
#include "base/text.h"
#include "support/lab_machine.h"
#include "support/test.h"

#include <jansson.h>
#include <stdlib.h>

static struct lab_machine m;
static struct lab_verifier v;
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

/* Requests of every kind: an honest one, and one for each way to refuse. */
enum {
    HONEST,
    RAW,
    CUT,
    NONCE,
    NO_NONCE,
    NO_CHANNEL,
    NO_COLLATERAL,
    EARLY,
    UNTRUSTED,
    BAD_LOG,
    NOTHING,
    ARCHIVED,
    NEWER,
    KINDS
};

static struct situs_request request(int kind)
{
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
    if (kind == RAW)
        q.evidence = item(m.quote);
    if (kind == CUT)
        q.evidence.size = 100;
    if (kind == NONCE)
        q.nonce.size = 7; /* 8 to 64 are challenges */
    if (kind == NO_NONCE)
        q.nonce = (struct situs_item){NULL, NULL, 0};
    if (kind == NO_CHANNEL) {
        q.evidence = item(m.quote);
        q.channel = (struct situs_item){NULL, NULL, 0};
    }
    if (kind == NO_COLLATERAL)
        q.snapshot = NULL;
    if (kind == EARLY)
        q.at = 0;
    if (kind == UNTRUSTED)
        q.trust = NULL;
    if (kind == BAD_LOG)
        q.ccel = item(SPAN_LIT("no log"));
    if (kind == NOTHING)
        q.evidence.size = 0;
    q.archived = kind == ARCHIVED;
    q.reserved[sizeof q.reserved / sizeof *q.reserved - 1] = kind == NEWER;
    return q;
}

/* The request in exactly as much memory; it lies there until the next. */
static const struct situs_result *verify(const struct situs_request *q, size_t size)
{
    static void *memory;
    free(memory);
    memory = size ? malloc(size) : NULL;
    if (size)
        assert_non_null(memory);
    return size ? situs_verify(q, (struct situs_memory){memory, size}) : NULL;
}

static const struct situs_result *result_of(int kind)
{
    struct situs_request q = request(kind);
    const struct situs_result *r = verify(&q, situs_verify_memory(&q));
    assert_non_null(r);
    return r;
}

static json_t *json_of(const struct situs_result *r)
{
    assert_true(situs_result_json(r, text, sizeof text) < sizeof text);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    return o;
}

static const char *string(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void an_honest_machine_has_no_reason_against_it(void **state)
{
    (void)state;
    struct situs_error e;
    const struct situs_result *r = result_of(HONEST);
    assert_true(situs_result_trusted(r));
    assert_false(situs_result_error(r, 0, &e));
    assert_false(situs_result_error(r, 99, &e));
}

/* situs_result_error and the verdict say the same, whatever is wrong. */
static void a_refusal_says_why(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const struct situs_result *r = result_of(kind);
        struct situs_error e;
        bool refuses = false, word = false;
        for (size_t i = 0; situs_result_error(r, i, &e); i++) {
            assert_true(e.why.hint[0] && e.why.code != SITUS_NONE);
            assert_int_not_equal(e.outcome, SITUS_PASS);
            assert_false(e.refuses && word); /* those that refuse come first */
            word |= !e.refuses;
            refuses |= e.refuses;
        }
        assert_int_equal(refuses, !situs_result_trusted(r));
    }
}

static void expect_first(int kind, const char *check, enum situs_code code, const char *part)
{
    struct situs_error e;
    assert_true(situs_result_error(result_of(kind), 0, &e));
    assert_true(e.refuses);
    if (!check)
        assert_null(e.check);
    else
        assert_string_equal(e.check, check);
    assert_string_equal(situs_code_name(e.why.code), situs_code_name(code));
    assert_string_equal(e.why.part, part);
}

static void the_first_reason_is_the_cause(void **state)
{
    (void)state;
    expect_first(CUT, NULL, SITUS_TOO_SHORT, "bundle");
    expect_first(NONCE, "fresh.nonce", SITUS_MALFORMED, "nonce");
    expect_first(NO_NONCE, "fresh.nonce", SITUS_MISSING, "fresh.nonce");
    expect_first(NO_COLLATERAL, "tdx.pck-chain", SITUS_MISSING, "quote");
    expect_first(UNTRUSTED, "tdx.pck-chain", SITUS_UNTRUSTED, "quote");
    expect_first(ARCHIVED, NULL, SITUS_NOT_ALLOWED, "policy");
    expect_first(NEWER, NULL, SITUS_UNSUPPORTED, "request");
    assert_int_equal(situs_result_exit(result_of(NEWER)), 1);
    struct situs_error e;
    assert_true(situs_result_error(NULL, 0, &e) && e.refuses && e.why.hint[0]);
    assert_false(situs_result_error(NULL, 1, &e));
}

static bool find(const struct situs_result *r, const char *check, struct situs_error *e)
{
    for (size_t i = 0; situs_result_error(r, i, e); i++)
        if (e->check && strcmp(e->check, check) == 0)
            return true;
    return false;
}

/* What is needed and did not run refuses as what failed does, and says what to give. */
static void a_needed_row_that_did_not_run_is_a_reason(void **state)
{
    (void)state;
    struct situs_error e;
    assert_true(find(result_of(RAW), "tpm.signature", &e));
    assert_int_equal(e.outcome, SITUS_NOT_RUN);
    assert_true(e.refuses);
    assert_string_equal(e.why.got, "no such evidence was given");
    assert_non_null(strstr(e.why.hint, "guest's TPM"));
    assert_true(find(result_of(NO_CHANNEL), "bind.channel", &e));
    assert_non_null(strstr(e.why.hint, "channel"));
    assert_true(find(result_of(NO_NONCE), "fresh.nonce", &e));
    assert_non_null(strstr(e.why.hint, "--nonce"));
    assert_false(find(result_of(RAW), "poe.signature", &e)); /* nobody asked for an owner */
    assert_true(find(result_of(UNTRUSTED), "ref.guest", &e));
    assert_non_null(strstr(e.why.hint, "failed"));
}

static void expect_row(const struct situs_check *c, const json_t *row)
{
    static const char *const words[] = {
        [SITUS_NOT_RUN] = "not-run", [SITUS_PASS] = "pass", [SITUS_FAIL] = "fail"};
    assert_string_equal(c->id, string(row, "id"));
    assert_string_equal(words[c->outcome], string(row, "outcome"));
    assert_true(c->sentence[0] && c->source[0]);
    assert_int_equal(c->why != NULL, c->outcome == SITUS_FAIL);
    assert_int_equal(c->reason != NULL, c->outcome == SITUS_NOT_RUN);
    if (c->reason)
        assert_string_equal(c->reason, string(row, "reason"));
    if (c->why) {
        assert_string_equal(situs_code_name(c->why->code), string(row, "code"));
        assert_string_equal(c->why->part, string(row, "part"));
        assert_string_equal(c->why->field, string(row, "field"));
        assert_string_equal(c->why->expected, string(row, "expected"));
        assert_string_equal(c->why->got, string(row, "got"));
    }
}

static void the_rows_are_those_of_the_report(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const struct situs_result *r = result_of(kind);
        json_t *o = json_of(r), *rows = json_object_get(o, "checks");
        struct situs_check c;
        size_t n = 0;
        for (; situs_result_check(r, n, &c); n++)
            expect_row(&c, json_array_get(rows, n));
        assert_int_equal(n, json_array_size(rows));
        json_decref(o);
    }
}

/* A proof holds where each row that needs it passed: the enumerations agree with each other. */
static void a_proof_is_the_and_of_its_rows(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const struct situs_result *r = result_of(kind);
        json_t *o = json_of(r), *all = json_object_get(o, "proofs");
        struct situs_proof p;
        struct situs_check c;
        size_t n = 0;
        for (; situs_result_proof(r, n, &p); n++) {
            const json_t *proof = json_object_get(all, p.name);
            const json_t *rests = json_object_get(proof, "rests_on");
            size_t k = 0;
            assert_int_equal(p.holds, json_is_true(json_object_get(proof, "holds")));
            assert_int_equal(p.holds, situs_result_holds(r, p.name));
            assert_int_equal(p.held_as_of, json_object_get(proof, "held_as_of") != NULL);
            assert_true(p.sentence[0]);
            for (; p.holds && situs_result_rests_on(r, n, k); k++)
                assert_string_equal(situs_result_rests_on(r, n, k),
                                    json_string_value(json_array_get(rests, k)));
            assert_int_equal(k, json_array_size(rests));
            for (size_t i = 0; p.holds && situs_result_check(r, i, &c); i++)
                assert_true(c.outcome == SITUS_PASS || !(c.proofs >> n & 1));
        }
        assert_int_equal(n, json_object_size(all));
        json_decref(o);
    }
}

static void the_policy_says_which_proofs_are_required(void **state)
{
    (void)state;
    const struct situs_result *r = result_of(HONEST);
    struct situs_proof p;
    size_t required = 0;
    for (size_t i = 0; situs_result_proof(r, i, &p); i++)
        required += p.required;
    assert_int_equal(required, 3); /* genuine, live, bound */
}

static void claims_and_notes_are_those_of_the_report(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const struct situs_result *r = result_of(kind);
        json_t *o = json_of(r), *claims = json_object_get(o, "claims");
        char name[SITUS_CLAIM_NAME], value[8192];
        const char *authority = NULL;
        size_t n = 0;
        for (; situs_result_claim_name(r, n, name, &authority); n++) {
            assert_non_null(json_object_get(claims, name));
            assert_true(situs_result_claim(r, name, value, sizeof value));
            assert_non_null(authority);
        }
        assert_int_equal(n, json_object_size(claims));
        json_t *notes = json_object_get(o, "notes");
        for (n = 0; situs_result_note(r, n); n++)
            assert_string_equal(situs_result_note(r, n),
                                json_string_value(json_array_get(notes, n)));
        assert_int_equal(n, json_array_size(notes));
        json_decref(o);
    }
}

static void nothing_is_enumerated_of_null(void **state)
{
    (void)state;
    struct situs_check c;
    struct situs_proof p;
    char name[SITUS_CLAIM_NAME];
    assert_false(situs_result_check(NULL, 0, &c));
    assert_false(situs_result_proof(NULL, 0, &p));
    assert_false(situs_result_claim_name(NULL, 0, name, NULL));
    assert_null(situs_result_rests_on(NULL, 0, 0));
    assert_null(situs_result_note(NULL, 0));
    assert_int_equal(situs_verify_memory(NULL), 0);
}

/* What a caller left in err, or never wrote there, is no failure of ours, nor a reason. */
static void what_stood_in_err_does_not_matter(void **state)
{
    (void)state;
    struct situs_item parts[LAB_PARTS], bad = item(SPAN_LIT("{\"require\": [\"genuin\"]}"));
    for (size_t i = 0; i < LAB_PARTS; i++)
        parts[i] = m.parts[i];
    for (int fill = 0; fill < 2; fill++) {
        struct situs_err err;
        memset(&err, 0x5a, sizeof err);
        if (fill)
            err = (struct situs_err){.code = SITUS_REVOKED, .part = "another", .hint = "another"};
        const struct situs_err before = err;
        void *p = malloc(SITUS_SNAPSHOT_MEMORY);
        struct situs_memory memory = {p, SITUS_SNAPSHOT_MEMORY};
        assert_non_null(situs_policy_preset("genuine", memory, &err));
        assert_int_equal(err.code, SITUS_NONE);
        err = before;
        assert_non_null(situs_policy_read(item(m.policy), memory, &err));
        err = before;
        assert_non_null(situs_trust_read(item(m.trust), memory, &err));
        err = before;
        struct situs_snapshot *s = situs_snapshot_load(parts, LAB_PARTS, v.trust, memory, &err);
        assert_non_null(s);
        situs_snapshot_free(s);
        err = before;
        assert_null(situs_snapshot_load(NULL, 1, v.trust, memory, &err));
        expect_err(err, SITUS_MISSING, "", SITUS_NO_OFFSET);
        err = before;
        assert_null(situs_policy_preset("genuin", memory, &err));
        expect_err(err, SITUS_UNKNOWN, "genuin", SITUS_NO_OFFSET);
        err = before;
        assert_null(situs_policy_read(bad, memory, &err));
        expect_err(err, SITUS_UNKNOWN, "require[0]", SITUS_NO_OFFSET);
        assert_string_equal(err.part, "policy");
        assert_true(strncmp(err.hint, "proofs are: ", 12) == 0);
        free(p);
    }
}

/* The bounds hold: as much gives what plenty gives. */
static void the_memory_that_is_said_is_enough(void **state)
{
    (void)state;
    static char plenty[1 << 20];
    for (int kind = 0; kind < KINDS; kind++)
        for (int form = 0; form < 4; form++) {
            struct situs_request q = request(kind);
            if (kind != RAW && kind != NO_CHANNEL && kind != NOTHING && kind != CUT)
                q.evidence = item(lab_machine_bundle(&m, form & 1, form & 2));
            if (form & 2)
                q.snapshot = NULL;
            const struct situs_result *r = verify(&q, 64 << 20);
            assert_true(situs_result_json(r, plenty, sizeof plenty) < sizeof plenty);
            r = verify(&q, situs_verify_memory(&q));
            assert_true(situs_result_json(r, text, sizeof text) < sizeof text);
            assert_string_equal(text, plenty);
        }
}

static size_t put_u32(uint8_t *to, size_t at, uint32_t n)
{
    for (size_t i = 0; i < 4; i++)
        to[at + i] = (uint8_t)(n >> 8 * i);
    return at + 4;
}

/* As many events as may be, with one digest each (PFP 1.06, 10.2.1 and 10.2.2). */
static struct situs_item longest_log(uint8_t *to, uint8_t alg, uint8_t size, uint32_t index)
{
    static const uint8_t start[16] = "Spec ID Event03";
    size_t n = put_u32(to, put_u32(to, 0, 0), 3) + 20;
    n = put_u32(to, n, 33);
    memcpy(to + n, start, sizeof start);
    to[n + 21] = 2; /* spec_version_major */
    n = put_u32(to, n + 24, 1);
    to[n] = alg;
    to[n + 2] = size;
    n += 5;
    for (size_t i = 0; i < LIMIT_LOG_EVENTS; i++) {
        n = put_u32(to, put_u32(to, put_u32(to, n, index), 13), 1);
        to[n] = alg;
        n = put_u32(to, n + 2 + size, 0);
    }
    return (struct situs_item){"log", to, n};
}

static void the_longest_logs_have_room(void **state)
{
    (void)state;
    static uint8_t logs[2][512 * 1024];
    struct situs_request q = request(RAW);
    q.ccel = longest_log(logs[0], 0x0c, 48, 1);
    q.pcr_log = longest_log(logs[1], 0x77, 1, 5);
    for (int i = 0; i < 2; i++) {
        const struct situs_result *r = verify(&q, i ? situs_verify_memory(&q) : 1 << 20);
        json_t *o = json_of(r);
        assert_true(json_is_null(json_object_get(o, "error")));
        json_decref(o);
    }
}

/* What ends within the days that were asked for is warned of, and nothing else; a no has no end. */
static void what_ends_soon_is_warned_of(void **state)
{
    (void)state;
    struct situs_request q = request(HONEST);
    const struct situs_result *r = verify(&q, situs_verify_memory(&q));
    const char *what;
    int64_t end;
    assert_true(situs_result_until(r, &end, &what));
    for (int late = 0; late < 2; late++) { /* three days before the end, or a second later */
        q.at = end - INT64_C(3) * 86400 + late;
        for (q.warn_days = 0; q.warn_days < 6; q.warn_days++) {
            r = verify(&q, situs_verify_memory(&q));
            assert_true(situs_result_trusted(r));
            bool soon = q.warn_days > (late ? 2 : 3);
            assert_int_equal(situs_result_warning(r, text, 160), soon);
            assert_true(!soon || (strstr(text, what) && strstr(text, TEXT_TIME(end))));
            assert_false(situs_result_warning(r, text, 40));
            json_t *o = json_of(r);
            assert_int_equal(json_is_string(json_object_get(o, "warning")), soon);
            json_decref(o);
        }
    }
    q.archived = true; /* refused: live is asked for */
    r = verify(&q, situs_verify_memory(&q));
    assert_false(situs_result_trusted(r));
    assert_false(situs_result_warning(r, text, 160));
    assert_false(situs_result_warning(NULL, text, 160));
}

static void the_memory_of_loaders_is_enough(void **state)
{
    (void)state;
    struct situs_item parts[LAB_PARTS];
    struct situs_err err;
    for (size_t i = 0; i < LAB_PARTS; i++)
        parts[i] = m.parts[i];
    const size_t size[] = {situs_policy_memory(item(m.policy)), situs_trust_memory(item(m.trust)),
                           situs_snapshot_memory(parts, LAB_PARTS)};
    void *p[3] = {malloc(size[0]), malloc(size[1]), malloc(size[2])};
    assert_non_null(situs_policy_read(item(m.policy), (struct situs_memory){p[0], size[0]}, &err));
    assert_non_null(situs_trust_read(item(m.trust), (struct situs_memory){p[1], size[1]}, &err));
    struct situs_snapshot *s =
        situs_snapshot_load(parts, LAB_PARTS, v.trust, (struct situs_memory){p[2], size[2]}, &err);
    assert_non_null(s);
    situs_snapshot_free(s);
    for (size_t i = 0; i < 3; i++) {
        assert_true(size[i] < 1024 * 1024);
        free(p[i]);
    }
}

/* Sizes that nobody has are not a small number. */
static void bounds_do_not_wrap(void **state)
{
    (void)state;
    const struct situs_item huge[2] = {{"a", text, SIZE_MAX / 2}, {"b", text, SIZE_MAX / 2}};
    assert_int_equal(situs_policy_memory(huge[0]), SIZE_MAX);
    assert_int_equal(situs_snapshot_memory(huge, 2), SIZE_MAX);
    assert_true(situs_trust_memory(huge[0]) > SIZE_MAX / 2);
    struct situs_request q = {.evidence = huge[0]};
    text[0] = '{';
    assert_int_equal(situs_verify_memory(&q), SIZE_MAX);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_honest_machine_has_no_reason_against_it),
        CASE(a_refusal_says_why),
        CASE(the_first_reason_is_the_cause),
        CASE(a_needed_row_that_did_not_run_is_a_reason),
        CASE(the_rows_are_those_of_the_report),
        CASE(a_proof_is_the_and_of_its_rows),
        CASE(the_policy_says_which_proofs_are_required),
        CASE(claims_and_notes_are_those_of_the_report),
        CASE(nothing_is_enumerated_of_null),
        CASE(what_stood_in_err_does_not_matter),
        CASE(the_memory_that_is_said_is_enough),
        CASE(the_longest_logs_have_room),
        CASE(what_ends_soon_is_warned_of),
        CASE(the_memory_of_loaders_is_enough),
        CASE(bounds_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
