/*
 * TPM commands byte by byte (TPM 2.0 part 3) on an open connection to a TPM: what a firmware that has its TPM for itself
 * says to it. The functions give the TPM's response code; 0 is success.
 */
#ifndef SITUS_LAB_TPM_RAW_H
#define SITUS_LAB_TPM_RAW_H

#include "base/span.h"

#define LAB_RAW_MOST 4096 /* bytes of a command or an answer */

/* lab_raw_receive reads one whole command or answer into LAB_RAW_MOST bytes: its size; 0 when the peer has gone. */
size_t lab_raw_receive(int fd, uint8_t *out);

/* lab_raw_ak makes an RSA-2048 key in the endorsement hierarchy (RSASSA with SHA-256, these attributes), keeps it at a
 * persistent handle and gives its modulus. */
uint32_t lab_raw_ak(int fd, uint32_t attributes, uint32_t at, uint8_t modulus[256]);

/* lab_raw_nv_define makes an index as the platform, which this password opens for writing, and which the owner may
 * read. */
uint32_t lab_raw_nv_define(int fd, uint32_t index, const char *password, uint16_t size);

/* lab_raw_nv_write writes the index from its beginning; lab_raw_nv_read reads the first n bytes (at most 512) as the owner. */
uint32_t lab_raw_nv_write(int fd, uint32_t index, const char *password, struct span bytes);
uint32_t lab_raw_nv_read(int fd, uint32_t index, uint8_t *out, uint16_t n);

/* lab_raw_reads says that a command is TPM2_NV_Read of this index from its beginning. */
bool lab_raw_reads(struct span command, uint32_t index);

#endif
