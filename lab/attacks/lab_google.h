/* Google in the lab: a CA whose AK certificates name the instance, and not the platform (DESIGN:
 * attestation key; DESIGN: ownership, 8), and its unsigned registry of hosts (DESIGN: registries).
 * Formats: go-tpm-tools, go-tdx-guest gce/. */
#ifndef SITUS_LAB_ATTACKS_GOOGLE_H
#define SITUS_LAB_ATTACKS_GOOGLE_H

#include "lab/attacks/lab_stage.h"

#define LAB_GOOGLE_ZONE "europe-west4-a"
#define LAB_GOOGLE_PROJECT 123456789

/* lab_google_vm boots the approved image at a place, in a VM of this instance id: its vTPM's AK is
 * certified by s->google, its TD's MROWNER is the instance's. Free with lab_vm_free. */
struct lab_vm lab_google_vm(struct lab_stage *s, enum lab_place place, uint32_t instance);

/* lab_google_host is the registry's document of the host at a place, and its name. */
struct lab_word lab_google_host(struct lab_stage *s, enum lab_place place, const char *zone);

#endif
