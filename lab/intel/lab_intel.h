/*
 * The lab's Intel, all of it. Read in this order: lab_world.h (keys and time), lab_cert.h
 * (certificates and CRLs), lab_quote.h (quotes), lab_collateral.h (TCB info and QE identity),
 * lab_cases.h (how each of them is attacked).
 *
 * Every structure is described by a plain struct. lab_..._honest and the like fill it in with what
 * an honest, up-to-date machine has; a test changes any member, then lab_..._make makes the bytes:
 *
 *     struct lab_world *w = lab_world_new(at);
 *     struct lab_platform p = lab_platform_honest(0);
 *     struct lab_quote q = lab_quote_tdx(w, &p, 4, LAB_BODY_TD10);
 *     q.pck_key = LAB_KEY_IMPOSTOR;               the QE report is signed by the wrong key
 *     struct span quote = lab_quote_make(w, &q);  lives until lab_world_free(w)
 */
#ifndef SITUS_LAB_INTEL_H
#define SITUS_LAB_INTEL_H

#include "lab/intel/lab_cases.h"
#include "lab/intel/lab_cert.h"
#include "lab/intel/lab_collateral.h"
#include "lab/intel/lab_manifest.h"
#include "lab/intel/lab_quote.h"
#include "lab/intel/lab_world.h"

#endif
