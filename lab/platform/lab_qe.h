/*
 * The TDX quoting enclave: turns a TDREPORT of its own processor into a quote, version 4, signed
 * with the machine's attestation key. Follows what Intel's enclave checks: the MAC
 * (EVERIFYREPORT2), then both hashes, as the MAC covers only them. Source: Intel DCAP,
 * quoting_enclave_tdqe.
 */
#ifndef SITUS_LAB_PLATFORM_QE_H
#define SITUS_LAB_PLATFORM_QE_H

#include "lab/platform/lab_cpu.h"

/* lab_qe_quote is the quote, in the world's memory; empty when the report is not of a TD of this
 * processor. */
struct span lab_qe_quote(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_SIZE]);

/* lab_qe_sign is the same without any check: what a thief of the attestation key does. */
struct span lab_qe_sign(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_SIZE]);

#endif
