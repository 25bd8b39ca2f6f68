/* Machine lists through the public API: who may say that a live machine is listed, and how. */
#include "support/lab_machine.h"
#include "support/test.h"

#include "base/text.h"
#include "endorse/id_list/id_list_write.h"
#include "endorse/revocation/revocation_write.h"
#include "model/bundle.h"
#include "support/faults.h"
#include "support/soft_signer.h"

#include <jansson.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

static struct lab_machine m;
static struct soft_signer signer;
static alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY];
static char text[1 << 20], ppid_hex[33];
static uint8_t ppid[16];
static const uint8_t foreign[16] = {0};

/* The machine's policy, with another list of proofs and of sources. */
static char *policy_of(const char *source, const char *allow)
{
    json_error_t e;
    json_t *p = json_loadb((const char *)m.policy.p, m.policy.n, 0, &e);
    assert_non_null(p);
    json_object_set_new(p, "require", json_pack("[s]", "listed"));
    json_object_set_new(p, "list.signature", json_pack("{s[s]}", "sources", source));
    if (allow)
        json_object_set_new(p, "list.match", json_pack("{s[s]}", "allow", allow));
    char *out = json_dumps(p, 0);
    json_decref(p);
    return out;
}

/* The machine's trust file, with one more root of a signer of lists. */
static void trust_root(const char *name, struct span der)
{
    static char files[3][32768]; /* the last three stay */
    static size_t turn;
    char *file = files[turn++ % 3];
    static char base64[4096], pem[4400];
    json_error_t e;
    json_t *t = json_loadb((const char *)m.trust.p, m.trust.n, 0, &e);
    assert_non_null(t);
    snprintf(pem, sizeof pem, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
             text_base64(base64, der));
    json_array_append_new(json_object_get(t, "anchors"),
                          json_pack("{s:s,s:[s],s:s}", "name", name, "for", "list", "pem", pem));
    size_t n = json_dumpb(t, file, sizeof files[0], 0);
    assert_true(n < sizeof files[0]);
    m.trust = span_of(file, n);
    json_decref(t);
}

static int setup(void **state)
{
    (void)state;
    struct lab_verifier v;
    lab_machine_new(&m);
    soft_signer_make(&signer, "fleet", LAB_MACHINE_AT, NULL);
    trust_root("fleet", signer.root.der);
    lab_verifier_new(&v, &m, NULL);
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
    const struct situs_result *r = situs_verify(&q, (struct situs_memory){memory, sizeof memory});
    assert_true(situs_result_claim(r, "tdx.ppid", ppid_hex, sizeof ppid_hex));
    assert_true(text_hex_read(ppid, sizeof ppid, span_text(ppid_hex)));
    lab_verifier_free(&v);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_machine_free(&m);
    return 0;
}

static uint64_t list_number = 1;
static const char *list_owner = "owner", *list_facility = "hall 4";

/* The trust file in which the signer of lists is a lab's, and all others are the world's. */
static char *trust_of_scene(void)
{
    json_error_t e;
    size_t i;
    json_t *t = json_loadb((const char *)m.trust.p, m.trust.n, 0, &e), *anchor;
    assert_non_null(t);
    json_array_foreach(json_object_get(t, "anchors"), i, anchor)
    {
        bool signer_of_lists =
            strcmp(json_string_value(json_object_get(anchor, "name")), "fleet") == 0;
        json_object_set_new(anchor, "simulated", json_boolean(signer_of_lists));
    }
    char *out = json_dumps(t, 0);
    json_decref(t);
    return out;
}

static struct span signed_list(const uint8_t id[16])
{
    static uint8_t bytes[2][8192]; /* the last two stay */
    static size_t turn;
    struct wr w = wr_new(bytes[turn++ % 2], sizeof bytes[0]);
    struct id_list_writer out;
    struct situs_err err = {0};
    const struct id_list_meta meta = {.number = list_number,
                                      .valid = {LAB_MACHINE_AT - 60, LAB_MACHINE_AT + 60},
                                      .owner = span_text(list_owner),
                                      .facility = span_text(list_facility),
                                      .count = 1};
    assert_true(id_list_write_begin(&out, &meta, &signer.issuer, soft_signer_put, &w, &err));
    assert_true(id_list_write_add(&out, span_of(id, 16), &err));
    assert_true(id_list_write_end(&out, &err));
    return wr_span(&w);
}

/* A revocation list, which names the machine's PPID or another. */
static struct span revocation_by(const struct soft_signer *by, const uint8_t id[16])
{
    static uint8_t bytes[8192];
    struct wr w = wr_new(bytes, sizeof bytes);
    struct revocation_writer out;
    struct situs_err err = {0};
    const struct revocation_plan plan = {REVOCATION_PPID, 16, 1};
    const struct revocation_meta meta = {.number = 1,
                                         .valid = {LAB_MACHINE_AT - 60, LAB_MACHINE_AT + 60},
                                         .issuer = SPAN_LIT("fleet"),
                                         .plans = &plan,
                                         .n_plans = 1};
    assert_true(revocation_write_begin(&out, &meta, &by->issuer, soft_signer_put, &w, &err));
    assert_true(revocation_write_add(&out, span_of(id, 16), REVOCATION_REASON_SOLD, 1, &err));
    assert_true(revocation_write_end(&out, &err));
    return wr_span(&w);
}

static struct span revocation_of(const uint8_t id[16])
{
    return revocation_by(&signer, id);
}

static struct situs_seen seen;

/* Appraises the machine with one endorsement; text is the JSON report. evidence NULL: the
 * bundle. */
static int appraise(char *policy, const char *name, struct span endorsement,
                    const struct span *evidence)
{
    struct lab_verifier v;
    lab_verifier_new(&v, &m, policy);
    struct situs_item item = {name, endorsement.p, endorsement.n};
    if (endorsement.n)
        lab_verifier_words(&v, &item, 1);
    struct situs_request q =
        lab_verifier_request(&v, &m, evidence ? *evidence : lab_machine_bundle(&m, false, false));
    q.list_seen = &seen;
    q.n_list_seen = seen.anchor ? 1 : 0;
    const struct situs_result *r = situs_verify(&q, (struct situs_memory){memory, sizeof memory});
    int exit = situs_result_exit(r);
    assert_int_equal(situs_result_holds(r, "listed"), exit == 0);
    assert_true(situs_result_json(r, text, sizeof text) < sizeof text);
    lab_verifier_free(&v);
    free(policy);
    return exit;
}

static void a_signed_list_makes_a_live_machine_listed(void **state)
{
    (void)state;
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", signed_list(ppid), NULL), 0);
    assert_non_null(strstr(text, "hall 4"));
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", signed_list(foreign), NULL),
                     6);
    assert_int_equal(appraise(policy_of("signed", "fleet=other"), "l", signed_list(ppid), NULL), 6);
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", span_of(NULL, 0), NULL), 6);
}

/* The policy of a quote alone (the lab's firmware would want the lab's maker), of a lab or not. */
static char *policy_simulated(bool simulated)
{
    json_error_t e;
    char *plain = policy_of("signed", "fleet=owner");
    json_t *p = json_loads(plain, 0, &e);
    json_object_del(p, "scenario");
    json_object_set_new(p, "simulated", json_boolean(simulated));
    free(plain);
    plain = json_dumps(p, 0);
    json_decref(p);
    return plain;
}

/* A lab's signer vouches only in a policy of the lab's. */
static void a_simulated_signer_counts_where_the_policy_says_so(void **state)
{
    (void)state;
    const struct span honest = m.trust;
    char *file = trust_of_scene();
    m.trust = span_text(file);
    assert_int_equal(appraise(policy_simulated(true), "l", signed_list(ppid), NULL), 0);
    assert_int_equal(appraise(policy_simulated(false), "l", signed_list(ppid), NULL), 6);
    assert_non_null(strstr(text, "{\"id\":\"list.signature\",\"outcome\":\"fail\",\"code\":"
                                 "\"not-allowed\",\"part\":\"l\",\"field\":\"anchor\""));
    m.trust = honest;
    free(file);
}

static void an_unsigned_list_counts_from_the_caller_only(void **state)
{
    (void)state;
    char csv[64];
    snprintf(csv, sizeof csv, "%s,hall\n", ppid_hex);
    assert_int_equal(appraise(policy_of("alliance-csv", NULL), "w.csv", span_text(csv), NULL), 0);
    assert_non_null(strstr(text, "not signed")); /* and the report says what it is worth */
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "w.csv", span_text(csv), NULL),
                     6);
}

/* The lab's TD says nothing in MR_OWNER, though its AK certificate is Google's. */
static void a_host_document_needs_its_name_and_its_instance(void **state)
{
    (void)state;
    struct span document = SPAN_LIT("{\"zone\":\"us-central1-a\"}");
    assert_int_equal(appraise(policy_of("google-host", NULL), ppid_hex, document, NULL), 6);
    assert_non_null(strstr(text, "\"mrowner\""));
    struct situs_item item = {"host", document.p, document.n};
    struct situs_err err;
    assert_null(situs_endorsements_load(&item, 1, NULL,
                                        (struct situs_memory){memory, sizeof memory}, &err));
    assert_non_null(strstr(err.hint, "named by the host's PPID"));
}

/* The machine's bundle with one more item. */
static struct span bundle_with(enum item_kind kind, struct span list)
{
    static uint8_t bytes[65536];
    static alignas(max_align_t) uint8_t room[1 << 17];
    struct arena a = arena_new(room, sizeof room);
    struct bundle b = {.n = 0};
    struct situs_err err = {0};
    struct wr w = wr_new(bytes, sizeof bytes);
    assert_true(bundle_read(&b, lab_machine_bundle(&m, false, false), &a, &err));
    assert_true(bundle_add(&b, "list", kind, list, &err));
    assert_true(bundle_write(&b, false, &w));
    return wr_span(&w);
}

static void a_bundle_brings_signed_lists_only(void **state)
{
    (void)state;
    char csv[64];
    struct span none = {NULL, 0}, bundle = bundle_with(ITEM_LIST, signed_list(ppid));
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "", none, &bundle), 0);
    snprintf(csv, sizeof csv, "%s,hall\n", ppid_hex);
    bundle = bundle_with(ITEM_LIST, span_text(csv));
    assert_int_equal(appraise(policy_of("alliance-csv", NULL), "", none, &bundle), 6);
    assert_non_null(strstr(text, "cose.tag"));
}

static void a_machine_that_its_signer_took_back_is_on_no_list(void **state)
{
    (void)state;
    struct span bundle = bundle_with(ITEM_REVOCATION, revocation_of(foreign));
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", signed_list(ppid), &bundle),
                     0);
    bundle = bundle_with(ITEM_REVOCATION, revocation_of(ppid));
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", signed_list(ppid), &bundle),
                     6);
    assert_non_null(strstr(text, "sold since"));
}

/* Nor where the revocation leads to another root, which certified the same CA: whose chain leads
 * where is the choice of who sends it. */
static void nor_is_one_that_it_took_back_under_another_root(void **state)
{
    (void)state;
    static struct soft_roots t;
    const struct soft_signer usual = signer;
    const struct span honest = m.trust;
    soft_signer_two_roots(&t, LAB_MACHINE_AT);
    trust_root("old root", t.root[0].der);
    trust_root("new root", t.root[1].der);
    for (size_t i = 0; i < 8; i++) {
        signer = t.signer[i / 2 % 2];
        char *policy = policy_of("signed", i / 2 % 2 ? "new root=owner" : "old root=owner");
        struct span list = signed_list(ppid);
        struct span bundle =
            bundle_with(ITEM_REVOCATION, revocation_by(&t.signer[i % 2], i < 4 ? ppid : foreign));
        assert_int_equal(appraise(policy, "l", list, &bundle), i < 4 ? 6 : 0);
        assert_true(i >= 4 || strstr(text, "sold since"));
    }
    signer = usual;
    m.trust = honest;
}

/* Nobody knows whether the damaged list is the signer's, and names the machine. */
static void a_revocation_list_that_does_not_read_clears_nobody(void **state)
{
    (void)state;
    struct span damaged = revocation_of(foreign);
    damaged.n--;
    struct span bundle = bundle_with(ITEM_REVOCATION, damaged);
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", signed_list(ppid), &bundle),
                     6);
    assert_non_null(strstr(text, "does not read: nobody knows whom it names"));
}

/* A quote and a list: nothing else is asked about revocation. */
static struct span quote_and_list(void)
{
    static uint8_t bytes[32768];
    struct bundle b = {.n = 0};
    struct situs_err err = {0};
    struct wr w = wr_new(bytes, sizeof bytes);
    assert_true(bundle_add(&b, "tdx", ITEM_TDX_QUOTE, m.quote, &err));
    assert_true(bundle_add(&b, "list", ITEM_LIST, signed_list(ppid), &err));
    assert_true(bundle_write(&b, false, &w));
    return wr_span(&w);
}

/* Who gives a revocation list whose signer has no anchor is told so, also without a TPM. */
static void a_revocation_list_that_counts_for_nothing_is_told(void **state)
{
    (void)state;
    static struct soft_signer stranger;
    struct span bundle = quote_and_list();
    soft_signer_make(&stranger, "stranger", LAB_MACHINE_AT, NULL);
    for (size_t i = 0; i < 2; i++) {
        struct span list = revocation_by(i ? &signer : &stranger, foreign);
        assert_int_equal(appraise(policy_simulated(true), "r", list, &bundle), 0);
        assert_int_equal(strstr(text, "counts for nothing") != NULL, !i);
    }
}

/* What the sender of a bundle adds and cannot be read takes no proof but its own. */
static void a_list_of_the_bundle_that_does_not_read_takes_listed_alone(void **state)
{
    (void)state;
    static const enum item_kind kinds[] = {ITEM_LIST, ITEM_REVOCATION, ITEM_POE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct lab_verifier v;
        struct span bundle = bundle_with(kinds[i], SPAN_LIT("<html>503</html>"));
        lab_verifier_new(&v, &m, NULL);
        struct situs_request q = lab_verifier_request(&v, &m, bundle);
        const struct situs_result *r =
            situs_verify(&q, (struct situs_memory){memory, sizeof memory});
        assert_int_equal(situs_result_exit(r), 0);
        assert_true(situs_result_holds(r, "bound"));
        lab_verifier_free(&v);
    }
}

static void an_older_list_than_one_seen_counts_for_nothing(void **state)
{
    (void)state;
    static const struct {
        struct situs_seen seen;
        int exit;
    } cases[] = {{{"ppid", "fleet", NULL, NULL, 1}, 0},
                 {{"ppid", "fleet", NULL, NULL, 2}, 6},
                 {{"ppid", "fleet", NULL, "hall 4", 2}, 6},
                 {{"ppid", "fleet", NULL, "hall 5", 2}, 0},
                 {{"ppid", "fleet", "CN=signer", "hall 4", 2}, 6},
                 {{"ppid", "fleet", "CN=another", "hall 4", 2}, 0},
                 {{"chip_id", "fleet", NULL, NULL, 2}, 0},
                 {{"revocation", "fleet", NULL, NULL, 2}, 1}, /* no anchor for poe */
                 {{"ppid", "Fleet", NULL, NULL, 1}, 1},
                 {{"", "fleet", NULL, NULL, 1}, 1},
                 {{NULL, "fleet", NULL, NULL, 1}, 1},
                 {{"ppid", "fleet", "signer", NULL, 1}, 1},
                 {{"ppid", "fleet", NULL, "", 1}, 1},
                 {{"ppid", "fleet", NULL, NULL, 0}, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen = cases[i].seen;
        assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", signed_list(ppid), NULL),
                         cases[i].exit);
        if (cases[i].exit == 6)
            assert_non_null(strstr(text, "\"out-of-date\""));
        if (cases[i].exit == 1)
            assert_non_null(strstr(text, "\"list_seen\""));
        if (cases[i].exit == 0)
            assert_non_null(strstr(text, "\"ppid:fleet/CN%3Dsigner=hall%204=1\""));
    }
    seen.anchor = NULL;
}

/* The newest list that is given decides, also where an older one is beside it and in its time. */
static void an_older_list_beside_a_newer_one_counts_for_nothing(void **state)
{
    (void)state;
    struct span bundle = bundle_with(ITEM_LIST, signed_list(ppid));
    list_number = 2;
    struct span newer = signed_list(foreign);
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", newer, &bundle), 6);
    assert_non_null(strstr(text, "does not vouch for this machine"));
    newer = signed_list(ppid);
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", newer, &bundle), 0);
    list_number = 1;
}

/* The bundle brings the list of the one owner, the caller holds the other's: whom the policy would
 * not believe contradicts all the same. */
static void a_list_of_another_owner_contradicts(void **state)
{
    (void)state;
    static const struct {
        const char *owner;
        const uint8_t *id;
        int exit;
    } cases[] = {{"rival", ppid, 6}, {"owner", ppid, 0}, {"rival", foreign, 0}};
    struct span bundle = bundle_with(ITEM_LIST, signed_list(ppid));
    list_facility = "hall 5";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        list_owner = cases[i].owner;
        struct span beside = signed_list(cases[i].id);
        assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", beside, &bundle),
                         cases[i].exit);
        if (cases[i].exit)
            assert_non_null(strstr(text, "two lists name two owners"));
    }
    list_owner = "owner";
    list_facility = "hall 4";
}

/* The attack: another signer below the same root writes a list of that hall with a high number,
 * which the bundle brings. It makes the caller's an older one, and ends no word of its signer's. */
static void a_high_number_of_another_signer_ends_no_contradiction(void **state)
{
    (void)state;
    static struct soft_signer second;
    const struct soft_signer first = signer;
    soft_signer_under(&second, &signer.root, LAB_MACHINE_AT, NULL);
    second.leaf.name = "second";
    soft_ca_issue(&second.leaf);
    second.chain[0] = second.leaf.der;
    signer = second;
    list_number = 99;
    struct span bundle = bundle_with(ITEM_LIST, signed_list(ppid));
    signer = first;
    list_number = 1;
    list_owner = "rival";
    struct span own = signed_list(ppid);
    list_owner = "owner";
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", own, &bundle), 6);
    assert_non_null(strstr(text, "two lists name two owners"));
    own = signed_list(ppid); /* of the same owner */
    assert_int_equal(appraise(policy_of("signed", "fleet=owner"), "l", own, &bundle), 0);
}

/* Any id of the machine can be denied, not only the one that the list is of. */
static void a_machine_that_the_policy_denies_is_on_no_list(void **state)
{
    (void)state;
    static const char *const claims[] = {"tdx.ppid", "tdx.piid", "tpm.guest.ak_name"};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct lab_verifier v;
        char id[200];
        json_error_t e;
        lab_verifier_new(&v, &m, NULL);
        struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
        const struct situs_result *r =
            situs_verify(&q, (struct situs_memory){memory, sizeof memory});
        assert_true(situs_result_claim(r, claims[i], id, sizeof id));
        lab_verifier_free(&v);
        char *plain = policy_of("signed", "fleet=owner");
        json_t *p = json_loads(plain, 0, &e);
        json_object_set_new(p, "poe.revoked", json_pack("{s[s]}", "deny", id));
        assert_int_equal(appraise(json_dumps(p, 0), "l", signed_list(ppid), NULL), 6);
        assert_non_null(strstr(text, "poe.revoked.deny"));
        json_decref(p);
        free(plain);
    }
}

/* Whatever memory is left, and an attacker can use up any, a machine taken back stays so. */
static void no_size_of_memory_lists_a_machine_taken_back(void **state)
{
    (void)state;
    struct lab_verifier v;
    char *policy = policy_of("signed", "fleet=owner");
    struct span list = signed_list(ppid);
    struct situs_item item = {"l", list.p, list.n};
    lab_verifier_new(&v, &m, policy);
    lab_verifier_words(&v, &item, 1);
    struct situs_request q =
        lab_verifier_request(&v, &m, bundle_with(ITEM_REVOCATION, revocation_of(foreign)));
    size_t low = 0, high = sizeof memory;
    while (high - low > 16) { /* the least that an honest machine needs */
        size_t middle = low + (high - low) / 2;
        bool enough = situs_result_trusted(situs_verify(&q, (struct situs_memory){memory, middle}));
        *(enough ? &high : &low) = middle;
    }
    assert_true(high < sizeof memory);
    struct span bundle = bundle_with(ITEM_REVOCATION, revocation_of(ppid));
    q.evidence = (struct situs_item){"bundle", bundle.p, bundle.n};
    for (size_t size = high - 1024; size < high + 512; size += 32)
        assert_false(situs_result_trusted(situs_verify(&q, (struct situs_memory){memory, size})));
    lab_verifier_free(&v);
    free(policy);
}

/* The newer list no longer has the machine; memory that runs out must not take that list away. */
static void no_allocation_loses_a_newer_list(void **state)
{
    (void)state;
    struct lab_verifier v;
    char *policy = policy_of("signed", "fleet=owner");
    struct span bundle = bundle_with(ITEM_LIST, signed_list(ppid));
    list_number = 2;
    struct span newer = signed_list(foreign);
    list_number = 1;
    struct situs_item item = {"l", newer.p, newer.n};
    lab_verifier_new(&v, &m, policy);
    struct situs_request q = lab_verifier_request(&v, &m, bundle);
    faults_count = 0;
    assert_true(
        situs_result_trusted(situs_verify(&q, (struct situs_memory){memory, sizeof memory})));
    size_t calls = faults_count;
    lab_verifier_words(&v, &item, 1);
    q.endorsements = v.words;
    for (size_t n = calls / 2; n <= 2 * calls; n += 61) {
        faults_left = n;
        const struct situs_result *r =
            situs_verify(&q, (struct situs_memory){memory, sizeof memory});
        faults_left = 0;
        if (situs_result_trusted(r))
            fail_msg("allocation %zu lost the list", n);
    }
    lab_verifier_free(&v);
    free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_list_makes_a_live_machine_listed),
        cmocka_unit_test(a_simulated_signer_counts_where_the_policy_says_so),
        cmocka_unit_test(an_unsigned_list_counts_from_the_caller_only),
        cmocka_unit_test(a_host_document_needs_its_name_and_its_instance),
        cmocka_unit_test(a_machine_that_its_signer_took_back_is_on_no_list),
        cmocka_unit_test(nor_is_one_that_it_took_back_under_another_root),
        cmocka_unit_test(a_bundle_brings_signed_lists_only),
        cmocka_unit_test(a_revocation_list_that_does_not_read_clears_nobody),
        cmocka_unit_test(a_revocation_list_that_counts_for_nothing_is_told),
        cmocka_unit_test(a_list_of_the_bundle_that_does_not_read_takes_listed_alone),
        cmocka_unit_test(an_older_list_than_one_seen_counts_for_nothing),
        cmocka_unit_test(an_older_list_beside_a_newer_one_counts_for_nothing),
        cmocka_unit_test(a_list_of_another_owner_contradicts),
        cmocka_unit_test(a_high_number_of_another_signer_ends_no_contradiction),
        cmocka_unit_test(a_machine_that_the_policy_denies_is_on_no_list),
        cmocka_unit_test(no_size_of_memory_lists_a_machine_taken_back),
        cmocka_unit_test(no_allocation_loses_a_newer_list),
    };
    if (!faults_install())
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
