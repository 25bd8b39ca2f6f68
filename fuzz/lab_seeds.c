/*
 * lab_seeds DIR: first inputs of the harnesses that want what the lab's machines send: bundles,
 * logs, TPM quotes, AK certificates, a token, an enrolment, and what programs say to each other on
 * wires. fuzz/corpora.txt says who takes which. Nothing random may matter: keys are new each time.
 */
#include <stdio.h>

#include "codec/cbor.h"
#include "lab/amd/lab_snp.h"
#include "lab/attacks/lab_alliance.h"
#include "lab/attacks/lab_judge.h"
#include "lab/guest/lab_hcl.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "provider/registrar/registrar.h"
#include "wire/attest_answer.h"
#include "wire/platform.h"

#define AT INT64_C(1800000000)
#define EKU_EK "2.23.133.8.1"

static const char *directory;

static void put(const char *name, struct span bytes)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
        lab_die("cannot write %s/%s", directory, name);
}

static void put_written(const char *name, const struct wr *w)
{
    if (!wr_ok(w))
        lab_die("%s is too large", name);
    put(name, wr_span(w));
}

/* Each part behind its size in 16 bits. */
static void put_chunks(const char *name, const struct span *parts, size_t n, struct span rest)
{
    static uint8_t room[1 << 16];
    struct wr w = wr_new(room, sizeof room);
    for (size_t i = 0; i < n; i++) {
        wr_u16be(&w, (uint16_t)parts[i].n);
        wr_bytes(&w, parts[i]);
    }
    wr_bytes(&w, rest);
    put_written(name, &w);
}

static void put_bundles(struct span cbor)
{
    static _Alignas(16) uint8_t memory[1 << 18], json[1 << 18];
    struct arena a = arena_new(memory, sizeof memory);
    struct wr w = wr_new(json, sizeof json);
    struct situs_err err = {0};
    struct bundle b;
    if (!bundle_read(&b, cbor, &a, &err) || !bundle_write(&b, true, &w))
        lab_die("the lab's bundle does not read");
    put("bundle-managed.json", wr_span(&w));
    put("guest.cbor", bundle_find(&b, "guest")->value);
}

/* fuzz_tpm_quote's registers: PCR 0 to 3 of SHA-384. */
static void put_tpm_quote(const struct lab_soft_tpm *t)
{
    uint8_t extra[32] = {1}, values[4 * 48];
    const struct lab_soft_quote q = lab_soft_quote(t, 1u << HASH_SHA384, 0xf, extra);
    const struct span parts[] = {lab_soft_public(t), q.attest, q.signature};
    for (size_t i = 0; i < 4; i++)
        memcpy(values + i * 48, t->pcr[1][i], 48);
    put_chunks("tpm-quote.bin", parts, 3, SPAN_ARR(values));
}

static void put_ak_cert(struct lab_stage *s)
{
    const struct span none = span_of(NULL, 0);
    const struct span parts[] = {lab_soft_public(&s->a.vtpm), s->a.ak_cert, s->provider.cert,
                                 lab_ca_crl(&s->provider, 7)};
    put_chunks("ak-cert.bin", parts, 4, none);
}

static void put_token(struct lab_stage *s)
{
    const uint8_t nonce[32] = {1};
    uint8_t key[32], room[4096];
    const struct lab_evidence e = lab_vm_attest(&s->a, LAB_SITUS, nonce);
    struct wr w = wr_new(room, sizeof room);
    lab_alliance_public(s, key);
    wr_bytes(&w, SPAN_ARR(key));
    struct span token =
        lab_alliance_token(s, s->alliance, e.tdx, s->cpu[CLOUD_A].platform.ppid, AT);
    wr_bytes(&w, token);
    put("token.jwt", token);
    put_written("keyed-token.bin", &w);
}

/* Template L-2 of the EK Credential Profile around this TPM's other key. */
static struct span ek_public(const struct lab_soft_tpm *ek)
{
    static const uint8_t head[] =
        "\x00\x23\x00\x0b\x00\x03\x00\xb2\x00\x20\x83\x71\x97\x67\x44\x84\xb3\xf8\x1a\x90\xcc\x8d"
        "\x46\xa5\xd7\x24\xfd\x52\xd7\x6e\x06\x52\x0b\x64\xf2\xa1\xda\x1b\x33\x14\x69\xaa"
        "\x00\x06\x00\x80\x00\x43\x00\x10\x00\x03\x00\x10";
    struct lab_buf b = {0};
    struct span key = lab_soft_public(ek);
    lab_buf_bytes(&b, span_of(head, sizeof head - 1));
    lab_buf_bytes(&b, span_cut(key, key.n - 68, 68)); /* x and y, each behind its size */
    return lab_world_keep(ek->w, &b);
}

static void put_member(struct cbor_out *o, uint64_t key, struct span value)
{
    cbor_put_uint(o, key);
    cbor_put_bytes(o, value);
}

static struct span enrol(struct lab_stage *s, const struct lab_soft_tpm *t, struct wr *w)
{
    const struct lab_soft_tpm ek = lab_soft_new(s->w, LAB_AK_V);
    const struct lab_ca_cert c = {.subject = "ek",
                                  .key = ek.ak,
                                  .from = AT - 3600,
                                  .to = AT + 3600,
                                  .eku = EKU_EK,
                                  .serial = 9};
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 5);
    cbor_put_uint(&o, 0);
    cbor_put_text(&o, SPAN_LIT("enrol"));
    put_member(&o, 1, lab_ca_issue(&s->provider, &c));
    put_member(&o, 2, ek_public(&ek));
    put_member(&o, 3, lab_soft_public(t));
    cbor_put_uint(&o, 4);
    cbor_put_array(&o, 1);
    cbor_put_bytes(&o, s->provider.cert);
    if (!cbor_put_end(&o))
        lab_die("an enrolment that is too large");
    EVP_PKEY_free(ek.ak);
    return wr_span(w);
}

/* fuzz_registrar's secret is 0x11 throughout. */
static struct span prove(const struct lab_soft_tpm *t, struct wr *w)
{
    uint8_t secret[CREDENTIAL_SECRET], extra[32];
    memset(secret, 0x11, sizeof secret);
    if (!registrar_proof_data(SPAN_ARR(secret), extra))
        lab_die("no hash");
    const struct lab_soft_quote q = lab_soft_quote(t, 1u << HASH_SHA256, 1u << 4, extra);
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 4);
    cbor_put_uint(&o, 0);
    cbor_put_text(&o, SPAN_LIT("prove"));
    put_member(&o, 1, q.attest);
    put_member(&o, 2, q.signature);
    cbor_put_uint(&o, 3);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, hash_tpm(HASH_SHA256));
    cbor_put_map(&o, 1);
    put_member(&o, 4, span_of(t->pcr[0][4], 32));
    if (!cbor_put_end(&o))
        lab_die("a proof that is too large");
    return wr_span(w);
}

static void put_enrolment(struct lab_stage *s)
{
    uint8_t room[2][8192];
    struct wr first = wr_new(room[0], sizeof room[0]), second = wr_new(room[1], sizeof room[1]);
    const struct span parts[] = {s->provider.cert, enrol(s, &s->a.vtpm, &first),
                                 prove(&s->a.vtpm, &second)};
    put_chunks("enrolment.bin", parts, 3, span_of(NULL, 0));
}

/* The first byte is fuzz_wire's kind of message. */
static void put_wire(struct lab_stage *s, struct span bundle)
{
    static uint8_t room[1 << 17];
    const uint8_t nonce[32] = {1};
    const struct platform_request request = {true, SPAN_ARR(nonce), SPAN_ARR(nonce)};
    const struct lab_soft_tpm *t = &s->metal.dtpm;
    const struct lab_soft_quote q = lab_soft_quote(t, 1u << HASH_SHA256, 1u << 17, nonce);
    struct tpm_value v = {
        .attest = q.attest, .signature = q.signature, .public_area = lab_soft_public(t)};
    v.registers.n = 1;
    v.registers.bank[0] = (struct bank){.hash = HASH_SHA256, .mask = 1u << 17};
    v.registers.bank[0].value[17] = span_of(t->pcr[0][17], 32);
    v.certs[0] = s->metal.ak_cert;
    v.n_certs = 1;
    for (uint8_t kind = 0; kind < 5; kind++) {
        char name[] = "wire-0.bin";
        struct wr w = wr_new(room, sizeof room);
        name[5] = (char)('0' + kind);
        wr_u8(&w, kind);
        if (kind == 0)
            platform_request_write(&w, &request);
        else if (kind == 1)
            platform_key_write(&w, v.public_area);
        else if (kind == 2)
            platform_quote_write(&w, &v, lab_buf_span(&s->metal.launch));
        else if (kind == 4)
            attest_answer_write(&w, bundle, s->a.spki);
        else
            continue; /* a refusal: fuzz/seeds has one */
        put_written(name, &w);
    }
}

/* A report, one with a table behind it, and what AMD would send beside it. */
static void put_snp(struct lab_world *w)
{
    static uint8_t report[LAB_SNP_REPORT], room[1 << 14];
    struct lab_snp amd = lab_snp_new(w);
    struct lab_snp_cert vcek = lab_snp_vcek(&amd), vlek = lab_snp_vlek(&amd);
    struct span ark = lab_snp_issuer(&amd, LAB_SNP_ARK), cert = lab_snp_cert(&amd, &vcek);
    struct wr out = wr_new(room, sizeof room);
    lab_snp_report(&amd, report);
    put("snp-report.bin", SPAN_ARR(report));
    put("snp-ark.der", ark);
    put("snp-ask.der", lab_snp_issuer(&amd, LAB_SNP_ASK));
    put("snp-vcek.der", cert);
    put("snp-vlek.der", lab_snp_cert(&amd, &vlek));
    put("snp-ark-crl.der", lab_snp_crl(&amd, ark, LAB_SNP_ASK_SERIAL));
    wr_bytes(&out, SPAN_ARR(report));
    wr_bytes(&out, SPAN_LIT("\x8d\x75\xda\x63\x64\xe6\x64\x45\xad\xc5\xf4\xb9\x3b\xe8\xac\xcd"));
    wr_u32le(&out, 48);
    wr_u32le(&out, (uint32_t)cert.n);
    wr_bytes(&out, span_of((uint8_t[24]){0}, 24));
    wr_bytes(&out, cert);
    put_written("snp-table.bin", &out);
    lab_snp_free(&amd);
}

/* Reports of a paravisor, and evidence with one as trustee sends it. */
static void put_hcl(struct lab_world *w)
{
    static uint8_t hardware[LAB_SNP_REPORT], zeros[256];
    struct lab_soft_tpm vtpm = lab_soft_new_rsa(w, LAB_HCL_AK);
    uint8_t user_data[64] = {1};
    struct span text = lab_hcl_text(w, vtpm.ak, user_data);
    struct lab_buf b = {0};
    hardware[0] = 0x81; /* a TDREPORT of no TD */
    put("hcl-tdx.bin", lab_hcl_report(w, 2, LAB_HCL_TDX, span_of(hardware, 1024), text));
    struct span report = lab_hcl_report(w, 1, LAB_HCL_SNP, SPAN_ARR(hardware), text);
    put("hcl-snp.bin", report);
    lab_buf_text(&b, "{\"vcek\":\"MAA=\",\"hcl_report\":\"");
    lab_buf_hex(&b, report);
    lab_buf_text(&b, "\",\"tpm_quote\":{\"message\":\"ff\",\"signature\":[1,2],\"pcrs\":[");
    for (int i = 0; i < 24; i++) {
        lab_buf_text(&b, i ? ",\"" : "\"");
        lab_buf_hex(&b, span_of(zeros, 32));
        lab_buf_text(&b, "\"");
    }
    lab_buf_text(&b, "]}}");
    put("evidence-azure.json", lab_world_keep(w, &b));
    lab_soft_free(&vtpm);
}

int main(int argc, char **argv)
{
    const uint8_t nonce[32] = {1};
    if (argc != 2)
        lab_die("lab_seeds DIR");
    directory = argv[1];
    struct lab_stage *s = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(s);
    const struct lab_evidence a = lab_vm_attest(&s->a, LAB_SITUS, nonce);
    const struct lab_evidence m = lab_host_attest(&s->metal, LAB_SITUS, nonce);
    struct span managed = lab_judge_bundle(j, &a);
    put("bundle-managed.cbor", managed);
    put("bundle-metal.cbor", lab_judge_bundle(j, &m));
    put_bundles(managed);
    put("pcr.log", a.log_guest);
    put("ccel.log", a.log_tdx);
    put("launch.log", m.log_platform);
    put_tpm_quote(&s->a.vtpm);
    put_ak_cert(s);
    put_token(s);
    put_enrolment(s);
    put_wire(s, managed);
    put_snp(s->w);
    put_hcl(s->w);
    lab_judge_free(j);
    lab_stage_free(s);
    return 0;
}
