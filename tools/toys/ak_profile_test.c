/* The toy's test: the trust file's word, the policy's, the template of the key, the certificate's
 * extension, and a policy that does not name it. */
#include "crypto/tpm_policy.h"
#include "endorse/ak_cert/ak_cert.h"
#include "evidence/tpm_quote.h"
#include "support/soft_ca.h"
#include "support/soft_tpm.h"

#include <assert.h>
#include <stdio.h>

static struct soft_cert root = {.name = "root", .ca = true};
static struct soft_ak soft;
static struct ak ak;
static struct findings findings;
static struct claims claims;
static uint8_t room[1 << 20];

static void ask(const char *provider, const char *said)
{
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    static struct policy policy;
    char text[200];
    snprintf(text, sizeof text,
             "{\"require\": [\"genuine\"], \"ak.certificate\": {\"providers\": [\"%s\"], "
             "\"azure_issuers\": [\"a CA\"]}}",
             provider);
    assert(policy_read(&policy, "toy", span_text(text), &a, &err));

    findings = (struct findings){.arena = &a};
    claims = (struct claims){.instance = "tpm.guest"};
    uint8_t name[2 + HASH_MAX_SIZE];
    struct tpm_quote quote = {.attest = {.magic = 0}}; /* the key's template is all that counts */
    quote.attest.qualified_signer = span_of(name, tpm_policy_primary(ak_name(&ak), name));
    tpm_quote_verify(&quote, &ak, "tpm.guest", &policy, &findings);
    findings.v[CHECK_TPM_SIGNATURE] = (struct finding){.outcome = OUTCOME_PASS};

    struct anchor anchor = {
        .name = "root", .uses = ANCHOR_PROVIDER, .profile = AK_PROFILE_TOY, .der = root.der};
    assert(digest(HASH_SHA256, root.der, anchor.sha256));
    const struct trust trust = {.anchors = &anchor, .n = 1};
    struct soft_cert cert = {.name = "ak",
                             .issuer = &root,
                             .key = soft.key,
                             .eku = "2.23.133.8.3",
                             .oid = "1.2.3.4",
                             .value = span_text(said)};
    soft_ca_issue(&cert);
    const struct ak_cert sent = {.leaf = cert.der};
    const struct ak_cert_question q = {
        .sent = &sent, .ak = &ak, .trust = &trust, .policy = &policy, .at = SOFT_CA_NOON - 60};
    struct ak_cert_notes notes;
    ak_cert_verify(&q, &a, &claims, &notes, &findings);
}

static enum outcome outcome(enum check c)
{
    return findings.v[c].outcome;
}

int main(void)
{
    struct situs_err err = {0};
    assert(ak_profile_find(SPAN_LIT("toy")) == AK_PROFILE_TOY);
    soft_ca_issue(&root);
    soft_tpm_ak(&soft, SOFT_RSAPSS, 0x00050072, span_of(NULL, 0));
    assert(ak_read(&ak, soft.public, &err));
    ask("toy", "TOYhall 4");
    assert(outcome(CHECK_AK_ATTRIBUTES) == OUTCOME_PASS);
    assert(outcome(CHECK_AK_CERTIFICATE) == OUTCOME_PASS && claims.authority);
    assert(span_equal(claims.v[CLAIM_FACILITY].bytes, SPAN_LIT("hall 4")));
    ask("toy", "YOThall 4");
    assert(outcome(CHECK_AK_CERTIFICATE) == OUTCOME_FAIL && !claims.authority);
    assert(strcmp(findings.v[CHECK_AK_CERTIFICATE].why->field, "toy") == 0);
    ask("azure", "TOYhall 4");
    assert(outcome(CHECK_AK_ATTRIBUTES) == OUTCOME_FAIL);
    assert(outcome(CHECK_AK_CERTIFICATE) == OUTCOME_FAIL && !claims.authority);
    assert(strcmp(findings.v[CHECK_AK_CERTIFICATE].why->field, "provider") == 0);
    puts("the toy is named, read, accepted and answered; who does not name it refuses it");
    return 0;
}
