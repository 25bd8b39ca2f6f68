/* The empty places of a policy that somebody has begun to write: those that are null. */
#ifndef SITUS_VERIFIER_POLICY_PLACES_H
#define SITUS_VERIFIER_POLICY_PLACES_H

#include "base/span.h"
#include "codec/json_out.h"

/* policy_places_say says each empty place of a policy's text on stderr, with its line and what
 * belongs there, and returns how many there are. RTMR1 may be null beside a measured RTMR0. */
size_t policy_places_say(struct span text);

/* policy_places_json writes them as an array instead: line, path and what belongs there. */
void policy_places_json(struct span text, struct json_out *o);

#endif
