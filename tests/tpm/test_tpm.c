/* roles/tpm against a software TPM: what the TPM itself refuses, and what its quotes are. */
#include "support/soft_tpm.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "support/tpm_hands.h"

#include "appraise/seal.h"
#include "base/text.h"
#include "crypto/ak.h"
#include "crypto/tpm_policy.h"
#include "crypto/x509.h"
#include "doctor/attest_look.h"
#include "evidence/tpm_quote.h"
#include "tpm/tpm_tss.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAUNCH ((struct tpm_selection){TPM_ALG_SHA256, 3 << 17}) /* PCR 17 and 18 */
#define TPM_ALG_SHA256 0x000b

/* One launched TPM, open, with its EK. */
struct host {
    struct swtpm swtpm;
    struct tpm *tpm;
    struct tpm_key ek;
    struct tpm_seal seal;
};

static void open_host(struct host *h)
{
    struct situs_err err = {0};
    h->tpm = tpm_open(h->swtpm.tcti, &err);
    if (!h->tpm)
        fail_msg("%s: %s", err.field, err.got);
    assert_true(tpm_ek(h->tpm, &h->ek, &err));
}

static void close_host(struct host *h)
{
    tpm_flush(h->tpm, &h->ek);
    tpm_close(h->tpm);
    h->tpm = NULL;
}

static int setup(void **state)
{
    swtpm_need();
    struct host *h = calloc(1, sizeof *h);
    swtpm_make(&h->swtpm, false);
    swtpm_launch(&h->swtpm, "SINIT ACM image bytes");
    h->seal.pcrs = LAUNCH;
    open_host(h);
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    struct host *h = *state;
    if (h) {
        close_host(h);
        swtpm_end(&h->swtpm);
    }
    free(h);
    return 0;
}

static void extend(struct host *h, unsigned pcr, uint8_t locality, const char *text)
{
    struct situs_err err = {0};
    struct tpm_digest d[2] = {{.hash = HASH_SHA256}, {.hash = HASH_SHA384}};
    digest(HASH_SHA256, span_text(text), d[0].value);
    digest(HASH_SHA384, span_text(text), d[1].value);
    assert_true(tpm_locality(h->tpm, locality, &err));
    assert_true(tpm_extend(h->tpm, pcr, d, 2, &err));
    assert_true(tpm_locality(h->tpm, 0, &err));
}

static void make_ak(struct host *h, struct tpm_blob *blob)
{
    struct situs_err err = {0};
    uint8_t policy[32];
    assert_true(tpm_seal_policy(h->tpm, &h->seal, policy, &err));
    if (!tpm_ak_create(h->tpm, &h->ek, policy, blob, &err))
        fail_msg("%s: %s", err.field, err.got);
}

static bool quote(struct host *h, const struct tpm_blob *blob, struct tpm_quoted *q,
                  struct situs_err *err)
{
    struct tpm_key ak = {0};
    bool ok = tpm_ak_load(h->tpm, &h->ek, blob, &ak, err) &&
              tpm_quote_make(h->tpm, &ak, &h->seal,
                             &(struct tpm_asked){SPAN_LIT("challenge"), &h->seal.pcrs, 1}, q, err);
    tpm_flush(h->tpm, &ak);
    return ok;
}

static void verify(const struct tpm_quoted *q, struct span public)
{
    struct situs_err err = {0};
    struct ak ak;
    struct tpm_quote read;
    const struct tpm_evidence e = {span_of(q->attest, q->attest_size),
                                   span_of(q->signature, q->signature_size), &q->pcrs.registers};
    assert_true(ak_read(&ak, public, &err));
    assert_true(tpm_quote_read(&read, &e, &err));
    assert_true(verify_ecdsa(ak.key, HASH_SHA256, e.attest, read.signature.r, read.signature.s));
    assert_true(span_equal(read.attest.extra_data, SPAN_LIT("challenge")));
    ak_free(&ak);
}

static void the_sealed_key_is_as_the_protocol_says(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_public public;
    struct tpm_pcrs pcrs;
    uint8_t policy[32];
    struct host_reference host = {.bank = HASH_SHA256, .registers = 3 << 17};
    make_ak(h, &blob);
    assert_true(tpm_public_read(&public, span_of(blob.public, blob.public_size), &err));
    assert_int_equal(public.attributes, 0x000500b2);
    assert_int_equal(public.scheme, TPM_ALG_ECDSA);
    assert_int_equal(public.curve, TPM_ECC_NIST_P256);
    assert_true(tpm_pcrs_read(h->tpm, &h->seal.pcrs, 1, &pcrs, &err));
    for (size_t i = 17; i <= 18; i++)
        memcpy(host.value[i], pcrs.registers.bank[0].value[i].p, 32);
    assert_true(seal_policy_host(&host, policy));
    assert_true(span_equal(public.auth_policy, SPAN_ARR(policy)));
}

static void a_sealed_quote_verifies(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_quoted q;
    make_ak(h, &blob);
    for (int i = 0; i < 5; i++) /* nothing is left in the TPM, which has room for three objects */
        if (!quote(h, &blob, &q, &err))
            fail_msg("%s: %s", err.field, err.got);
    verify(&q, span_of(blob.public, blob.public_size));
}

/* A TPM may certify its P-384 key alone: AK_d lives under that one as well, and its quote says
 * so. */
static void a_sealed_key_lives_under_the_p384_endorsement_key(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_key ek, ak;
    struct tpm_blob blob;
    struct tpm_quoted q;
    struct tpm_attest attest;
    uint8_t qualified[2 + HASH_MAX_SIZE];
    tpm_flush(h->tpm, &h->ek);
    assert_true(tpm_ek_p384(h->tpm, &ek, &err));
    assert_int_equal(ek.name_size, 2 + 48);
    uint8_t policy[32];
    assert_true(tpm_seal_policy(h->tpm, &h->seal, policy, &err));
    assert_true(tpm_ak_create(h->tpm, &ek, policy, &blob, &err));
    assert_true(tpm_ak_load(h->tpm, &ek, &blob, &ak, &err));
    assert_true(tpm_quote_make(h->tpm, &ak, &h->seal,
                               &(struct tpm_asked){SPAN_LIT("challenge"), &h->seal.pcrs, 1}, &q,
                               &err));
    verify(&q, span_of(blob.public, blob.public_size));
    assert_true(tpm_attest_read(&attest, span_of(q.attest, q.attest_size), &err));
    size_t n = tpm_policy_qualified(tpm_key_name(&ek), tpm_key_name(&ak), qualified);
    assert_true(span_equal(attest.qualified_signer, span_of(qualified, n)));
    tpm_flush(h->tpm, &ak);
    tpm_flush(h->tpm, &ek);
}

static void one_more_event_in_pcr_18_ends_the_sealed_key(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_quoted q;
    make_ak(h, &blob);
    assert_true(quote(h, &blob, &q, &err));
    extend(h, 18, 2, "one more event");
    assert_false(quote(h, &blob, &q, &err));
    assert_int_equal(tpm_code(h->tpm), 0x99d); /* TPM_RC_POLICY_FAIL, session 1 */
    expect_err(err, SITUS_NOT_ALLOWED, "TPM2_Quote", SITUS_NO_OFFSET);
    assert_non_null(strstr(err.got, "0x99d"));
}

static void a_power_cycle_without_launch_ends_the_sealed_key(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_quoted q;
    struct tpm_attest before, after;
    make_ak(h, &blob);
    assert_true(quote(h, &blob, &q, &err));
    assert_true(tpm_attest_read(&before, span_of(q.attest, q.attest_size), &err));
    close_host(h);
    swtpm_kill(&h->swtpm);
    swtpm_power(&h->swtpm);
    open_host(h);
    assert_false(quote(h, &blob, &q, &err));
    assert_int_equal(tpm_code(h->tpm), 0x99d);
    close_host(h);
    swtpm_launch(&h->swtpm, "SINIT ACM image bytes");
    open_host(h);
    err = (struct situs_err){0};
    assert_true(quote(h, &blob, &q, &err)); /* the approved launch opens it again */
    assert_true(tpm_attest_read(&after, span_of(q.attest, q.attest_size), &err));
    assert_true(after.reset_count > before.reset_count);
}

static void clear_ends_the_sealed_key(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_quoted q;
    make_ak(h, &blob);
    assert_true(tpm_clear(h->tpm, &err));
    tpm_flush(h->tpm, &h->ek);
    assert_true(tpm_ek(h->tpm, &h->ek, &err));
    assert_false(quote(h, &blob, &q, &err));
    assert_int_equal(tpm_code(h->tpm) & 0xbf, 0x09f); /* TPM_RC_INTEGRITY */
    expect_err(err, SITUS_MISMATCH, "TPM2_Load", SITUS_NO_OFFSET);
}

static void locality_0_neither_extends_nor_resets_launch_registers(void **state)
{
    struct host *h = *state;
    struct tpm_digest d = {.hash = HASH_SHA256};
    for (unsigned pcr = 17; pcr <= 22; pcr++) {
        struct situs_err err = {0};
        assert_false(tpm_extend(h->tpm, pcr, &d, 1, &err));
        assert_int_equal(tpm_code(h->tpm), 0x907); /* TPM_RC_LOCALITY */
        expect_err(err, SITUS_NOT_ALLOWED, "TPM2_PCR_Extend", SITUS_NO_OFFSET);
        err = (struct situs_err){0};
        assert_false(tpm_pcr_reset(h->tpm, pcr, &err));
        assert_int_equal(tpm_code(h->tpm), 0x907);
    }
}

static void a_sealed_key_has_no_password(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_key ak;
    struct tpm_quoted q;
    make_ak(h, &blob);
    assert_true(tpm_ak_load(h->tpm, &h->ek, &blob, &ak, &err));
    assert_false(tpm_quote_make(h->tpm, &ak, NULL,
                                &(struct tpm_asked){SPAN_LIT("x"), &h->seal.pcrs, 1}, &q, &err));
    assert_int_equal(tpm_code(h->tpm), 0x12f); /* TPM_RC_AUTH_UNAVAILABLE */
    tpm_flush(h->tpm, &ak);
}

static void the_guest_key_is_the_same_each_time(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_key a, b;
    struct tpm_quoted q;
    struct tpm_selection set[2];
    size_t n;
    assert_true(tpm_selections_read(SPAN_LIT("sha384:0-9,11,12,14+sha256:0-7"), set, &n));
    assert_true(tpm_ak_primary(h->tpm, &a, &err));
    if (!tpm_quote_make(h->tpm, &a, NULL, &(struct tpm_asked){SPAN_LIT("challenge"), set, n}, &q,
                        &err))
        fail_msg("%s: %s", err.field, err.got);
    verify(&q, tpm_key_public(&a));
    tpm_flush(h->tpm, &a);
    assert_true(tpm_ak_primary(h->tpm, &a, &err));
    assert_true(tpm_ak_primary(h->tpm, &b, &err));
    assert_true(span_equal(tpm_key_name(&a), tpm_key_name(&b)));
    tpm_flush(h->tpm, &a);
    tpm_flush(h->tpm, &b);
}

static void the_ek_is_the_one_in_its_certificate(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    uint8_t der[TPM_EK_CERT_MAX];
    size_t n, padding;
    assert_true(tpm_nv_read(h->tpm, TPM_NV_EK_CERT, der, sizeof der, &n, &err));
    struct x509 *cert = x509_read(span_of(der, n), &padding, "ek", &err);
    struct public_key *key = x509_key(cert, "ek", &err);
    /* unique is the last 256 bytes of an RSA TPMT_PUBLIC (part 2, 12.2.4) */
    struct public_key *ek =
        verify_key_rsa(span_of(h->ek.public + h->ek.public_size - 256, 256), 65537, "ek", &err);
    assert_true(verify_key_equal(key, ek));
    verify_key_free(key);
    verify_key_free(ek);
    x509_free(cert);
}

/* The provider's approval of the registers as they are: soft_tpm signs aHash's message, SHA-256 of
 * which is what PolicyAuthorize checks (part 3, 23.16). */
static void approve(struct host *h, const struct soft_ak *authority, struct tpm_approval *a,
                    uint8_t *signature, size_t room)
{
    struct situs_err err = {0};
    struct tpm_pcrs pcrs;
    struct span values[2];
    uint8_t message[32 + 7];
    assert_true(tpm_pcrs_read(h->tpm, &h->seal.pcrs, 1, &pcrs, &err));
    for (size_t i = 0; i < 2; i++)
        values[i] = pcrs.registers.bank[0].value[17 + i];
    assert_true(tpm_policy_pcr(HASH_SHA256, 3 << 17, values, 2, message));
    memcpy(message + 32, "host-os", 7);
    *a = (struct tpm_approval){
        authority->public, SPAN_LIT("host-os"),
        soft_tpm_sign(signature, room, authority, hash_tpm(HASH_SHA256), SPAN_ARR(message))};
}

static void an_approved_update_keeps_the_key(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct soft_ak authority;
    struct tpm_approval approval;
    struct tpm_blob blob;
    struct tpm_quoted q;
    uint8_t signature[600];
    /* a key that signs digests from outside: not restricted, not fixed to a TPM */
    soft_tpm_ak(&authority, SOFT_P256, TPMA_SIGN | TPMA_USER_WITH_AUTH, span_of(NULL, 0));
    approve(h, &authority, &approval, signature, sizeof signature);
    h->seal.approval = &approval;
    make_ak(h, &blob);
    if (!quote(h, &blob, &q, &err))
        fail_msg("%s: %s", err.field, err.got);
    extend(h, 18, 2, "a new host OS");
    assert_false(quote(h, &blob, &q, &err)); /* the approval is of the old one */
    expect_err(err, SITUS_NOT_ALLOWED, "TPM2_VerifySignature", SITUS_NO_OFFSET);
    approve(h, &authority, &approval, signature, sizeof signature);
    err = (struct situs_err){0};
    if (!quote(h, &blob, &q, &err))
        fail_msg("%s: %s", err.field, err.got);
    verify(&q, span_of(blob.public, blob.public_size));
}

static void write_file(const struct host *h, const char *name, struct span bytes)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", h->swtpm.dir, name);
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
}

static struct span read_file(const struct host *h, const char *name, uint8_t *room, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", h->swtpm.dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(room, 1, size, f);
    fclose(f);
    return span_of(room, n);
}

/* tools runs tpm2-tools in the TPM's directory; skips the test where there are none. */
static void tools(const struct host *h, const char *commands)
{
    char command[1024];
    if (system("command -v tpm2_checkquote tpm2_quote >/dev/null 2>&1") != 0)
        skip();
    snprintf(command, sizeof command, "cd %s && export TPM2TOOLS_TCTI=%s && (%s) >tools.out 2>&1",
             h->swtpm.dir, h->swtpm.tcti, commands);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static void tpm2_tools_accept_our_quote(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_blob blob;
    struct tpm_quoted q;
    make_ak(h, &blob);
    assert_true(quote(h, &blob, &q, &err));
    uint8_t public[2 + TPM_PUBLIC_MAX] = {(uint8_t)(blob.public_size >> 8),
                                          (uint8_t)blob.public_size};
    memcpy(public + 2, blob.public, blob.public_size); /* TPM2B_PUBLIC (part 2, 12.2.5) */
    write_file(h, "ak.pub", span_of(public, 2 + blob.public_size));
    write_file(h, "q.msg", span_of(q.attest, q.attest_size));
    write_file(h, "q.sig", span_of(q.signature, q.signature_size));
    /* 6368616c6c656e6765 is "challenge" */
    tools(h, "tpm2_checkquote -u ak.pub -m q.msg -s q.sig -q 6368616c6c656e6765 -g sha256");
}

static void we_accept_the_quote_of_tpm2_tools(void **state)
{
    struct host *h = *state;
    static uint8_t public_room[1024];
    static struct tpm_quoted q;
    struct span public;
    close_host(h);
    tools(h, "tpm2_createek -G rsa -c ek.ctx && tpm2_flushcontext -t && "
             "tpm2_createak -C ek.ctx -G ecc -g sha256 -s ecdsa -c ak.ctx -u ak.pub && "
             "tpm2_flushcontext -t && "
             "tpm2_quote -c ak.ctx -l sha256:17,18 -q 6368616c6c656e6765 -m q.msg -s q.sig "
             "-g sha256");
    open_host(h);
    public = read_file(h, "ak.pub", public_room, sizeof public_room); /* TPM2B_PUBLIC */
    public = span_cut(public, 2, public.n - 2);
    q.attest_size = read_file(h, "q.msg", q.attest, sizeof q.attest).n;
    q.signature_size = read_file(h, "q.sig", q.signature, sizeof q.signature).n;
    verify(&q, public);
}

static void a_tpm_that_dies_is_an_error(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_pcrs pcrs;
    swtpm_kill(&h->swtpm);
    assert_false(tpm_pcrs_read(h->tpm, &h->seal.pcrs, 1, &pcrs, &err));
    expect_err(err, SITUS_MISSING, "TPM2_PCR_Read", SITUS_NO_OFFSET);
}

/* quotes opens the TPM, makes the guest's key and a quote, and closes it, so often; a child. */
static pid_t quotes(const char *tcti, int times)
{
    pid_t child = fork();
    for (int i = 0; child == 0 && i < times; i++) {
        struct situs_err err = {0};
        struct tpm_key ak = {0};
        static struct tpm_quoted q;
        struct tpm *t = tpm_open(tcti, &err);
        bool ok = t && tpm_ak_primary(t, &ak, &err) &&
                  tpm_quote_make(t, &ak, NULL, &(struct tpm_asked){SPAN_LIT("extra"), &LAUNCH, 1},
                                 &q, &err);
        tpm_flush(t, &ak);
        tpm_close(t);
        if (!ok) {
            fprintf(stderr, "%s: %s\n", err.field, err.got);
            _exit(1);
        }
    }
    if (child == 0)
        _exit(0);
    return child;
}

/* Who opens a TPM without a resource manager flushes what it finds there. */
static void programs_take_turns(void **state)
{
    struct host *h = *state;
    pid_t child[6];
    close_host(h);
    for (size_t i = 0; i < 6; i++)
        child[i] = quotes(h->swtpm.tcti, 4);
    for (size_t i = 0; i < 6; i++) {
        int status = -1;
        waitpid(child[i], &status, 0);
        assert_int_equal(status, 0);
    }
}

static void a_turn_that_does_not_come_is_busy(void **state)
{
    (void)state;
    static const char one[] = "device:/dev/tpm17", managed[] = "device:/dev/tpmrm17";
    struct situs_err err = {0};
    int first, second, other;
    assert_true(tpm_turn_take(one, 100, &first, &err));
    assert_true(tpm_turn_take("device:/dev/tpm18", 100, &other, &err));
    tpm_turn_end(&other);
    assert_false(tpm_turn_take(managed, 100, &second, &err)); /* the same TPM */
    expect_err(err, SITUS_BUSY, "turn", SITUS_NO_OFFSET);
    assert_int_equal(second, -1);
    pid_t child = fork(); /* a turn ends with the process that has it */
    if (child == 0)
        _exit(tpm_turn_take("device:/dev/tpm19", 100, &other, &err) ? 0 : 1);
    waitpid(child, NULL, 0);
    err = (struct situs_err){0};
    assert_true(tpm_turn_take("device:/dev/tpm19", 100, &other, &err));
    tpm_turn_end(&other);
    tpm_turn_end(&first);
    assert_true(tpm_turn_take(managed, 100, &second, &err));
    tpm_turn_end(&second);
}

static void a_missing_tpm_is_an_error(void **state)
{
    (void)state;
    struct situs_err err = {0};
    assert_null(tpm_open("swtpm:path=/nonexistent/sock", &err));
    assert_string_equal(err.part, TPM_PART);
    assert_int_equal(err.code, SITUS_MISSING);
}

static void selections_read_or_refuse(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "sha256",     "sha256:",      "sha9:1",           "sha256:24",
        "sha256:1,1", "sha256:3-1", "sha256:1-1",   "sha256:1,",        "sha256:1+",
        "sha256:1 ",  "sha256:001", "sha256:1-3,2", "sha256:1+sha256:2"};
    struct tpm_selection s[LIMIT_PCR_SELECTIONS];
    size_t n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (tpm_selections_read(span_text(bad[i]), s, &n))
            fail_msg("\"%s\" was read", bad[i]);
    assert_true(tpm_selections_read(SPAN_LIT("sha256:17,18"), s, &n));
    assert_int_equal(n, 1);
    assert_int_equal(s[0].mask, 3 << 17);
}

/* situs doctor --tcti, of a TPM that its maker certified, and of one that died. */
static void the_doctor_asks_for_keys(void **state)
{
    struct host *h = *state;
    struct attest_finding found[ATTEST_TPM];
    tpm_close(h->tpm);
    h->tpm = NULL;
    attest_look_tpm(h->swtpm.tcti, found);
    for (size_t i = 0; i < ATTEST_TPM; i++)
        if (strncmp(found[i].id, "azure.", 6) == 0) /* whose paravisor it has not */
            assert_true(found[i].state == STATE_ABSENT && found[i].hint);
        else if (found[i].state != STATE_GOOD || found[i].hint)
            fail_msg("%s: %s", found[i].id, found[i].got);
    swtpm_kill(&h->swtpm);
    attest_look_tpm(h->swtpm.tcti, found);
    for (size_t i = 0; i < ATTEST_TPM; i++)
        assert_true(found[i].state == STATE_WRONG && found[i].hint);
}

#define WITH_TPM(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TPM(the_sealed_key_is_as_the_protocol_says),
        WITH_TPM(a_sealed_quote_verifies),
        WITH_TPM(a_sealed_key_lives_under_the_p384_endorsement_key),
        WITH_TPM(one_more_event_in_pcr_18_ends_the_sealed_key),
        WITH_TPM(a_power_cycle_without_launch_ends_the_sealed_key),
        WITH_TPM(clear_ends_the_sealed_key),
        WITH_TPM(locality_0_neither_extends_nor_resets_launch_registers),
        WITH_TPM(a_sealed_key_has_no_password),
        WITH_TPM(the_guest_key_is_the_same_each_time),
        WITH_TPM(the_ek_is_the_one_in_its_certificate),
        WITH_TPM(an_approved_update_keeps_the_key),
        WITH_TPM(tpm2_tools_accept_our_quote),
        WITH_TPM(we_accept_the_quote_of_tpm2_tools),
        WITH_TPM(a_tpm_that_dies_is_an_error),
        WITH_TPM(programs_take_turns),
        WITH_TPM(the_doctor_asks_for_keys),
        cmocka_unit_test(a_turn_that_does_not_come_is_busy),
        cmocka_unit_test(a_missing_tpm_is_an_error),
        cmocka_unit_test(selections_read_or_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
