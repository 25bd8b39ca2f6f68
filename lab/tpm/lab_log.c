/* Event logs; see lab_log.h. */
#include "lab/tpm/lab_log.h"

#include "model/registers.h"

void lab_log_start(struct lab_buf *log, const enum hash *banks, size_t n)
{
    /* TCG_PCClientPCREvent with TCG_EfiSpecIdEvent (PFP 1.06, 10.2.1 and 10.4.5.1) */
    lab_buf_u32le(log, 0);
    lab_buf_u32le(log, EV_NO_ACTION);
    lab_buf_zeros(log, 20);
    lab_buf_u32le(log, (uint32_t)(16 + 4 + 4 + 4 + 4 * n + 1));
    lab_buf_bytes(log, span_of("Spec ID Event03", 16));
    lab_buf_u32le(log, 0); /* platform class: client */
    lab_buf_u8(log, 0);    /* version 2.0, errata 0 */
    lab_buf_u8(log, 2);
    lab_buf_u8(log, 0);
    lab_buf_u8(log, 2); /* UINTN of 8 bytes */
    lab_buf_u32le(log, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        lab_buf_u16le(log, hash_tpm(banks[i]));
        lab_buf_u16le(log, (uint16_t)hash_size(banks[i]));
    }
    lab_buf_u8(log, 0); /* no vendor information */
}

void lab_log_event(struct lab_buf *log, const enum hash *banks, size_t n, uint32_t index,
                   uint32_t type, struct span measured, struct span data)
{
    /* TCG_PCR_EVENT2 (PFP 1.06, 10.2.2) */
    lab_buf_u32le(log, index);
    lab_buf_u32le(log, type);
    lab_buf_u32le(log, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        uint8_t value[HASH_MAX_SIZE];
        if (!digest(banks[i], measured, value))
            lab_die("OpenSSL does not hash");
        lab_buf_u16le(log, hash_tpm(banks[i]));
        lab_buf_bytes(log, span_of(value, hash_size(banks[i])));
    }
    lab_buf_u32le(log, (uint32_t)data.n);
    lab_buf_bytes(log, data);
}
