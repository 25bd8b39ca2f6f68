/*
 * situs: proof of cloud. Appraises evidence that a confidential VM runs on a machine which a named,
 * accountable owner keeps (RFC 9334 roles: this library is the Verifier).
 *
 * Rules of this header.
 *  - The library has no global state, does no I/O, reads no clock and no environment. Time, trust
 *    anchors, collateral and policy are arguments. Times are Unix seconds, sizes are bytes.
 *  - Every object is built inside memory that the caller hands in (struct situs_memory) and lives
 *    there; inputs (struct situs_item bytes; of a result, all that its request points to, policy and
 *    anchors too) must outlive every object made from them.
 *  - A function that takes struct situs_err returns NULL, or false, on failure and says there why;
 *    it clears what stood there first. Its outputs are then unusable and say "refused". No argument
 *    is NULL unless stated.
 *  - A snapshot, endorsements, a policy and a trust store are immutable once made and may be shared
 *    by threads; a context belongs to one thread at a time.
 *  - How structs grow. Size and order of each are fixed for the life of a soname. Those that end in
 *    reserved grow into it, and only there; the others never do. Fill them with designated
 *    initialisers: zero means not given, so that an older program asks a newer library for nothing
 *    that it does not know. What it is given with reserved not zero a library refuses: a newer
 *    program asked for something that this one does not know, and must not take its silence for a
 *    yes. (A size as first member would say no more, and could be forgotten.) In what the library
 *    fills, reserved is zero.
 */
#ifndef SITUS_H
#define SITUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SITUS_VERSION "0.1.0"

/* Parts of this header; each knows those before it. */
#include "situs_err.h"
#include "situs_given.h"
#include "situs_verify.h"

#include "situs_poe.h"
#include "situs_token.h"

#ifdef __cplusplus
}
#endif
#endif
