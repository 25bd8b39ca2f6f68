/* Measured launches; see lab_drtm.h. */
#include "lab/tpm/lab_drtm.h"

#include "lab/tpm/lab_log.h"
#include "model/registers.h"

/* Control commands (swtpm/tpm_ioctl.h): what the chipset puts on the bus at locality 4. */
#define CMD_HASH_START 6
#define CMD_HASH_DATA 7 /* u32 size, at most 4096, then the bytes */
#define CMD_HASH_END 8

struct lab_launch lab_drtm_honest(void)
{
    return (struct lab_launch){
        .event =
            {
                {4, 17, EVTYPE_HASH_START, "lab SINIT ACM 1.0"},
                {3, 17, EVTYPE_LCP_CONTROL_HASH, "lab launch control policy"},
                {3, 17, EVTYPE_BIOSAC_REG_DATA, "lab SEAM loader 1.5"},
                {3, 18, EVTYPE_SINIT_PUBKEY_HASH, "lab SINIT signer"},
                {2, 18, EVTYPE_MLE_HASH, "lab host OS 1.0"},
                {2, 18, EVTYPE_COMBINED_HASH, "lab host agent 1.0"},
                {2, 18, EVTYPE_COMBINED_HASH, "lab vTPM 1.0"},
            },
        .n = 7,
    };
}

struct lab_launch_event *lab_drtm_event(struct lab_launch *l, const char *measured)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->event[i].measured, measured) == 0)
            return &l->event[i];
    lab_die("no event %s in this launch", measured);
}

struct lab_launch lab_drtm_old_agent(void)
{
    struct lab_launch l = lab_drtm_honest();
    lab_drtm_event(&l, "lab host agent 1.0")->measured = "lab host agent 0.9";
    return l;
}

struct lab_launch lab_drtm_ended(void)
{
    struct lab_launch l = lab_drtm_honest();
    lab_drtm_event(&l, "lab host OS 1.0")->measured = "lab host OS 0.8";
    return l;
}

void lab_drtm_log(const struct lab_launch *l, struct lab_buf *log)
{
    lab_log_start(log, lab_swtpm_banks, LAB_TPM_BANKS);
    for (size_t i = 0; i < l->n; i++) {
        struct span measured = span_text(l->event[i].measured);
        lab_log_event(log, lab_swtpm_banks, LAB_TPM_BANKS, l->event[i].pcr, l->event[i].type,
                      measured, measured);
    }
}

void lab_drtm_launch(const struct lab_swtpm *t, const struct lab_launch *l, struct lab_buf *log)
{
    const struct span none = span_of(NULL, 0);
    struct lab_buf data = {0};
    struct span first = span_text(l->event[0].measured);
    const uint8_t size[4] = {0, 0, (uint8_t)(first.n >> 8), (uint8_t)first.n};
    lab_buf_bytes(&data, SPAN_ARR(size));
    lab_buf_bytes(&data, first);
    if (!lab_swtpm_control(t, CMD_HASH_START, none) ||
        !lab_swtpm_control(t, CMD_HASH_DATA, lab_buf_span(&data)) ||
        !lab_swtpm_control(t, CMD_HASH_END, none))
        lab_die("the TPM at %s refuses the launch", t->socket);
    lab_buf_free(&data);
    for (size_t i = 1; i < l->n; i++) {
        const struct lab_launch_event *e = &l->event[i];
        uint32_t code = lab_swtpm_extend(t, e->locality, e->pcr, span_text(e->measured));
        if (code != 0)
            lab_die("PCR %u at locality %u: TPM response 0x%x", e->pcr, e->locality, code);
    }
    lab_drtm_log(l, log);
}
