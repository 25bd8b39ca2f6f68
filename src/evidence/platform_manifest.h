/*
 * A Platform Manifest: what the firmware of an Intel server writes once, when it establishes a
 * platform instance, and Intel's registration service turns into PCK certificates. It names the
 * instance (PIID) and the processor packages (PRIDs). Intel publishes the structure header (DCAP
 * SGXPlatformRegistration, UefiVar.h) and three structures' fields (platform ownership endorsement
 * tool, utility.cpp and its header); what else is inside is not public and is stepped over by size.
 */
#ifndef SITUS_EVIDENCE_PLATFORM_MANIFEST_H
#define SITUS_EVIDENCE_PLATFORM_MANIFEST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

/* What a manifest names; spans point into its bytes. Nothing here is authenticated: only Intel can
 * verify a manifest, and says so by answering its registration with a PPID. */
struct platform_manifest {
    struct span piid;       /* 16 bytes */
    uint32_t packages;      /* 1 to LIMIT_PACKAGES */
    struct span first_prid; /* 16 bytes */
    struct span more_prids; /* 16 bytes for each further package */
};

/* platform_manifest_is says that the bytes start like a manifest, binary or in hex. */
bool platform_manifest_is(struct span in);

/* platform_manifest_bytes is the manifest in binary: in itself, or its hex text (as Intel's
 * PCKIDRetrievalTool writes it; one line end may follow) decoded into the arena. */
bool platform_manifest_bytes(struct span *out, struct span in, struct arena *a,
                             struct situs_err *err);

/* platform_manifest_read reads a binary manifest to its last byte: headers in order, each structure
 * as long as it says; PlatformInfo first and once, PairingReceipt once; no id zero, no PRID
 * twice. */
bool platform_manifest_read(struct platform_manifest *m, struct span in, struct situs_err *err);

/* platform_manifest_prid is the PRID of package i, below m->packages. */
struct span platform_manifest_prid(const struct platform_manifest *m, uint32_t i);

#endif
