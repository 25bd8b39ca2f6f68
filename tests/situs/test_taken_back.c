/* Whole appraisals beside a revocation list that names the TPM: bound falls by the word of the
 * party that vouched for it, and by nobody else's. */
#include "endorse/revocation/revocation_write.h"
#include "support/scene_attacks.h"
#include "support/soft_signer.h"
#include "support/test.h"

#include "base/text.h"

static struct soft_signer fleet;

/* What one run shows to the verifier. */
static struct {
    const char *policy;   /* more members of it; NULL: none */
    bool under_registrar; /* who signs stands under the registrar's own anchor */
    bool crossed;         /* under its CA, but which another root certified too */
    enum anchor_use use;  /* of the anchor under which the list is signed */
    enum revocation_kind kind;
    bool of_guest; /* names the key of the guest's TPM, where the machine's own is certified */
    int64_t age;   /* of the list */
    bool spoilt;   /* its signature does not hold */
} now;

#define TIED ",\"machine.same\":{\"parties\":[\"registrar=fleet\"]}"
#define UNTIED ",\"machine.same\":{\"parties\":[\"fleet=registrar\"]}"

static struct span list(const struct soft_signer *by, struct span id)
{
    static uint8_t bytes[8192];
    struct wr w = wr_new(bytes, sizeof bytes);
    struct revocation_writer out;
    struct situs_err err = {0};
    const struct revocation_plan plan = {now.kind, id.n, 1};
    const struct revocation_meta meta = {
        .number = 1,
        .valid = {SCENE_AT - 60 - now.age, SCENE_AT + 60 - now.age},
        .issuer = SPAN_LIT("registrar"), /* what it calls itself decides nothing */
        .plans = &plan,
        .n_plans = 1};
    assert_true(revocation_write_begin(&out, &meta, &by->issuer, soft_signer_put, &w, &err));
    assert_true(revocation_write_add(&out, id, REVOCATION_REASON_REPLACED, 1, &err));
    assert_true(revocation_write_end(&out, &err));
    if (now.spoilt)
        bytes[w.n - 1] ^= 1;
    return wr_span(&w);
}

/* A signer below the registrar's CA, whose chain leads to another root. */
static void sign_crossed(const struct scene *s, struct anchor *anchor, struct soft_signer *by)
{
    static struct soft_cert other, cross; /* keep their keys reachable */
    const int64_t from = SCENE_AT - 86400, to = SCENE_AT + 86400;
    other = (struct soft_cert){.name = "other root", .ca = true, .from = from, .to = to};
    soft_ca_issue(&other);
    cross = s->root;
    cross.issuer = &other;
    soft_ca_issue(&cross);
    soft_signer_under(by, &cross, SCENE_AT, NULL);
    anchor->name = other.name;
    anchor->der = other.der;
    assert_true(digest(HASH_SHA256, other.der, anchor->sha256));
}

static void show(struct scene *s, enum scene_stage at)
{
    static struct anchor anchors[3];
    static struct soft_signer own[32];
    static size_t runs;
    uint8_t name[34] = {0, 0x0b};
    if (at == SCENE_PLANNED && now.policy) {
        s->more = now.policy;
        scene_policy(s);
    }
    if (at != SCENE_ASKED)
        return;
    const struct soft_signer *by = &fleet;
    memcpy(anchors, s->anchors, sizeof s->anchors);
    anchors[2] = fleet.anchor;
    anchors[2].uses = now.use;
    if (now.under_registrar) {
        assert_true(runs < sizeof own / sizeof *own);
        by = &own[runs];
        soft_signer_under(&own[runs++], &s->root, SCENE_AT, NULL);
        anchors[1].uses |= (unsigned)now.use;
    }
    if (now.crossed) {
        assert_true(runs < sizeof own / sizeof *own);
        by = &own[runs++];
        sign_crossed(s, &anchors[2], &own[runs - 1]);
    }
    s->trust = (struct trust){.anchors = anchors, .n = 3};
    assert_true(digest(HASH_SHA256, s->guest.ak.public, name + 2));
    struct span id = now.kind == REVOCATION_EK ? SPAN_ARR(s->says.ek_name)
                     : now.of_guest            ? SPAN_ARR(name)
                                               : SPAN_ARR(s->says.ak_name);
    s->beside[s->n_beside++] = item_of("revoked.cose", list(by, id));
}

static const struct result *run(bool bare_metal)
{
    struct scene *s = scene_run(bare_metal, show);
    if (s->result.err.code)
        scene_print(&s->result);
    return &s->result;
}

static void expect_taken_back(bool bare_metal, const char *field)
{
    const struct result *r = run(bare_metal);
    expect_fail(r->findings, CHECK_AK_CERTIFICATE, SITUS_REVOKED, field);
    assert_string_equal(r->findings.v[CHECK_AK_CERTIFICATE].why->part, "revocation");
    assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
    assert_int_equal(r->exit, 6);
    assert_null(r->claims[INSTANCE_GUEST].authority);
    assert_null(r->claims[INSTANCE_PLATFORM].authority);
}

static void expect_trusted(bool bare_metal)
{
    const struct result *r = run(bare_metal);
    if (r->verdict != VERDICT_TRUSTED)
        scene_print(r);
    assert_int_equal(r->verdict, VERDICT_TRUSTED);
    assert_true(r->held & PROOF_BOUND);
}

static const enum anchor_use uses[] = {ANCHOR_POE, ANCHOR_LIST, ANCHOR_POE | ANCHOR_LIST};

static void the_party_of_the_ak_takes_it_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < 24; i++) {
        memset(&now, 0, sizeof now);
        now.under_registrar = i % 2;
        now.policy = now.under_registrar ? NULL : TIED;
        now.use = uses[i / 2 % 3];
        now.kind = i / 6 % 2 ? REVOCATION_EK : REVOCATION_AK_NAME;
        expect_taken_back(i / 12, now.kind == REVOCATION_EK ? "ek" : "ak_name");
    }
}

/* Under which root a CA's word stands is the choice of who sends the chain, where two certified it.
 */
static void so_does_its_ca_under_another_root(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        memset(&now, 0, sizeof now);
        now.crossed = true;
        now.use = uses[i % 2];
        now.kind = REVOCATION_AK_NAME;
        now.of_guest = i / 2;
        expect_taken_back(i / 2, "ak_name");
    }
}

/* What was taken back stays so. */
static void a_stale_list_takes_back_too(void **state)
{
    (void)state;
    memset(&now, 0, sizeof now);
    now.policy = TIED;
    now.use = ANCHOR_LIST;
    now.kind = REVOCATION_AK_NAME;
    now.age = 40 * 86400;
    expect_taken_back(false, "ak_name");
}

/* The measured host's word for the guest's key is its registrar's. */
static void the_guests_key_on_bare_metal_is_the_registrars_to_take_back(void **state)
{
    (void)state;
    memset(&now, 0, sizeof now);
    now.policy = TIED;
    now.use = ANCHOR_LIST;
    now.kind = REVOCATION_AK_NAME;
    now.of_guest = true;
    expect_taken_back(true, "ak_name");
}

/* The honest twin: provider X does not take back the machines of provider Y. */
static void another_party_takes_nothing_back(void **state)
{
    (void)state;
    static const char *const policies[] = {NULL, UNTIED};
    for (size_t i = 0; i < 24; i++) {
        memset(&now, 0, sizeof now);
        now.policy = policies[i % 2];
        now.use = uses[i / 2 % 3];
        now.kind = i / 6 % 2 ? REVOCATION_EK : REVOCATION_AK_NAME;
        now.spoilt = i % 5 == 0;
        expect_trusted(i / 12);
    }
}

static bool noted(const struct result *r, const char *words)
{
    bool found = false;
    for (size_t i = 0; i < r->n_notes; i++)
        found |= strstr(r->notes[i], words) != NULL;
    return found;
}

/* A tenant's AK certificate is a leaf under the provider's anchor too: it signs no lists. Who gives
 * a list without an anchor for it is told. */
static void a_providers_anchor_alone_signs_no_list(void **state)
{
    (void)state;
    memset(&now, 0, sizeof now);
    now.under_registrar = true;
    now.kind = REVOCATION_AK_NAME;
    for (size_t i = 0; i < 2; i++) {
        now.use = i ? ANCHOR_LIST : ANCHOR_PROVIDER;
        now.under_registrar = !i; /* another party's list has an anchor, and nothing to say */
        const struct result *r = run(i);
        assert_int_equal(r->verdict, VERDICT_TRUSTED);
        assert_int_equal(noted(r, "counts for nothing"), !i);
    }
}

/* Ids of another kind, though the bytes are the AK's. */
static void a_name_is_taken_back_as_a_name(void **state)
{
    (void)state;
    static const enum revocation_kind kinds[] = {REVOCATION_PIID, REVOCATION_PPID,
                                                 REVOCATION_POE_ID, REVOCATION_CHIP_ID};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        memset(&now, 0, sizeof now);
        now.policy = TIED;
        now.use = ANCHOR_LIST;
        now.kind = kinds[i];
        expect_trusted(false);
    }
}

/* A list of the party whose signature does not hold: nobody knows whom it names. */
static void a_damaged_list_of_the_party_is_doubt(void **state)
{
    (void)state;
    memset(&now, 0, sizeof now);
    now.policy = TIED;
    now.use = ANCHOR_LIST;
    now.kind = REVOCATION_PIID;
    now.spoilt = true;
    for (size_t i = 0; i < 2; i++) {
        now.crossed = i; /* it is its CA's, under another root */
        const struct result *r = run(false);
        expect_fail(r->findings, CHECK_AK_CERTIFICATE, SITUS_BAD_SIGNATURE, "signature");
        assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
        now.policy = NULL;
    }
}

static int make(void **state)
{
    (void)state;
    soft_signer_make(&fleet, "fleet", SCENE_AT, NULL);
    return 0;
}

static int done(void **state)
{
    (void)state;
    scene_free(scene_run(false, NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_party_of_the_ak_takes_it_back),
        cmocka_unit_test(so_does_its_ca_under_another_root),
        cmocka_unit_test(a_stale_list_takes_back_too),
        cmocka_unit_test(the_guests_key_on_bare_metal_is_the_registrars_to_take_back),
        cmocka_unit_test(another_party_takes_nothing_back),
        cmocka_unit_test(a_providers_anchor_alone_signs_no_list),
        cmocka_unit_test(a_name_is_taken_back_as_a_name),
        cmocka_unit_test(a_damaged_list_of_the_party_is_doubt),
    };
    return cmocka_run_group_tests(tests, make, done);
}
