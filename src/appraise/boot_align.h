/*
 * Which events of a TPM log an RTMR has too, found from an honest boot (DESIGN: measurements, 9).
 * Digests may be equal (an image's .initrd section, and the initrd that Linux's stub measures), so
 * a match event by event can mark the wrong one; both whole sequences are aligned.
 */
#ifndef SITUS_APPRAISE_BOOT_ALIGN_H
#define SITUS_APPRAISE_BOOT_ALIGN_H

#include "appraise/event_list.h"
#include "base/arena.h"

/*
 * boot_align leaves out of the TPM's events those that only it has, so that the others are the
 * TD's, digest for digest in both orders, and marks them: tpm_only[i] for event number i of the
 * TPM's log. Where more than one alignment does, an event of PCR 9 with the type that Linux's stub
 * gives is left out rather than another: the label helps to write a reference, which never has
 * labels. False when an event of the TD has no partner (*missing: its place in td; td->n when the
 * arena is full).
 */
bool boot_align(const struct event_list *tpm, const struct event_list *td, bool *tpm_only,
                size_t *missing, struct arena *a);

#endif
