/* Platform Manifests as the firmware of the lab's machines writes them; what Intel does not publish
 * is filled with zeros (src/evidence/platform_manifest.h cites what is published). */
#ifndef SITUS_LAB_INTEL_MANIFEST_H
#define SITUS_LAB_INTEL_MANIFEST_H

#include "lab/intel/lab_cert.h"

#define LAB_PACKAGES 8

struct lab_manifest {
    uint8_t piid[16];
    uint32_t packages;                /* at most LAB_PACKAGES PRIDs are written */
    uint8_t prid[LAB_PACKAGES][16];   /* one a processor package */
    struct lab_edit edits[LAB_EDITS]; /* on the whole manifest */
};

/* lab_manifest_honest is the manifest of machine n, the platform p: two packages. */
struct lab_manifest lab_manifest_honest(const struct lab_platform *p, unsigned n);

/* lab_manifest_make is the manifest, binary. */
struct span lab_manifest_make(struct lab_world *w, const struct lab_manifest *m);

#endif
