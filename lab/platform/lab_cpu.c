/* Registers and reports of trust domains; see lab_cpu.h. */
#include "lab/platform/lab_cpu.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

struct lab_cpu lab_cpu_new(struct lab_world *w, unsigned n)
{
    struct lab_cpu cpu = {.w = w, .platform = lab_platform_honest(n)};
    if (RAND_bytes(cpu.mac_key, sizeof cpu.mac_key) != 1)
        lab_die("no random bytes");
    return cpu;
}

struct lab_td lab_td_build(const struct lab_cpu *cpu, struct span firmware)
{
    struct lab_quote any = lab_quote_tdx(cpu->w, &cpu->platform, 4, LAB_BODY_TD10);
    struct lab_td td = {.cpu = cpu, .registers = any.td};
    lab_hash384(td.registers.mr_td, firmware);
    memset(td.registers.rtmr, 0, sizeof td.registers.rtmr);
    return td;
}

void lab_td_extend(struct lab_td *td, unsigned rtmr, const uint8_t digest[48])
{
    uint8_t both[96];
    memcpy(both, td->registers.rtmr[rtmr], 48);
    memcpy(both + 48, digest, 48);
    lab_hash384(td->registers.rtmr[rtmr], SPAN_ARR(both));
}

static void mac(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_MAC], uint8_t out[32])
{
    if (!HMAC(EVP_sha256(), cpu->mac_key, sizeof cpu->mac_key, report, TDREPORT_MAC, out, NULL))
        lab_die("OpenSSL computes no HMAC");
}

bool lab_cpu_verify_report(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_TEE_TCB_INFO])
{
    uint8_t expected[32];
    mac(cpu, report, expected);
    return CRYPTO_memcmp(expected, report + TDREPORT_MAC, sizeof expected) == 0;
}

/* TEE_TCB_INFO of a TDX 1.0 report: which fields are valid, then what the module says of itself. */
static void tee_tcb_info(uint8_t *out, const struct lab_td_report *r)
{
    static const uint8_t valid[8] = {0xff, 0x01}; /* as TDX 1.0 modules give it */
    memcpy(out, valid, 8);
    memcpy(out + 8, r->tee_tcb_svn, 16);
    memcpy(out + 24, r->mr_seam, 48);
    memcpy(out + 72, r->mr_signer_seam, 48);
    memcpy(out + 120, r->seam_attributes, 8);
}

static void tdinfo(uint8_t *out, const struct lab_td_report *r)
{
    memcpy(out, r->td_attributes, 8);
    memcpy(out + 8, r->xfam, 8);
    memcpy(out + 16, r->mr_td, 48);
    memcpy(out + 64, r->mr_config_id, 48);
    memcpy(out + 112, r->mr_owner, 48);
    memcpy(out + 160, r->mr_owner_config, 48);
    memcpy(out + 208, r->rtmr, sizeof r->rtmr);
}

void lab_td_tdreport(const struct lab_td *td, const uint8_t report_data[64],
                     uint8_t report[TDREPORT_SIZE])
{
    uint8_t *tcb = report + TDREPORT_TEE_TCB_INFO, *info = report + TDREPORT_TDINFO;
    memset(report, 0, TDREPORT_SIZE);
    tee_tcb_info(tcb, &td->registers);
    tdinfo(info, &td->registers);
    report[TDREPORT_TYPE] = 0x81; /* a TD */
    memcpy(report + TDREPORT_CPUSVN, td->cpu->platform.cpusvn, 16);
    lab_hash384(report + TDREPORT_TEE_TCB_INFO_HASH, span_of(tcb, TDREPORT_TEE_TCB_INFO_SIZE));
    lab_hash384(report + TDREPORT_TEE_INFO_HASH, span_of(info, TDREPORT_TDINFO_SIZE));
    memcpy(report + TDREPORT_REPORT_DATA, report_data, 64);
    mac(td->cpu, report, report + TDREPORT_MAC);
}
