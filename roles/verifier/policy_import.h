/* Reference values that others publish, as guest images of a policy. */
#ifndef SITUS_VERIFIER_POLICY_IMPORT_H
#define SITUS_VERIFIER_POLICY_IMPORT_H

#include "base/arena.h"
#include "verifier/policy_form.h"

/*
 * policy_import_read puts the images of a file into the form, each called "BY: ID" after the party
 * that publishes it. It reads
 *  - the measurements file of attested-tls and cvm-reverse-proxy (flashbots/attested-tls, README:
 *    measurements file): records of TDX registers; one with several values of a register is several
 *    images;
 *  - what "dstack-mr measure --json" prints (Dstack-TEE/dstack, dstack-mr): one image.
 * A register that is not given stays unknown. What says nothing of these registers (other platforms,
 * hashes of boot components) is left out, and said so by name on stderr. False: err; nothing of it
 * is to be used. by outlives the form; the rest lies in the arena.
 */
bool policy_import_read(struct policy_form *f, struct span file, const char *by, struct arena *a,
                        struct situs_err *err);

#endif
