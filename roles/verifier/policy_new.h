/* What "situs policy new" takes from evidence. The library's own rows decide whether it holds, and
 * whether what is written would be met by it. */
#ifndef SITUS_VERIFIER_POLICY_NEW_H
#define SITUS_VERIFIER_POLICY_NEW_H

#include "verifier/appraisal.h"
#include "verifier/policy_form.h"

/*
 * policy_new_fill puts what evidence says into a form: registers and lists of the image, whose
 * profile says whether there are lists; host launch; banks; PCR 0. x has been loaded and read.
 * rtmr1_open and gpt_open are as in boot_refer.h. The exit code; not 0: said on stderr, and the
 * form is not to be used. What nobody vouches for is said on stderr too. Memory lives in the arena.
 */
int policy_new_fill(struct policy_form *f, struct appraisal *x, bool rtmr1_open, bool gpt_open,
                    struct arena *a);

/* policy_new_room is the arena that policy_new_fill wants. */
size_t policy_new_room(const struct appraisal *x);

#endif
