/* The two frames between a relying party and a running attester: a challenge and a bundle
 * (PROTOCOLS: attester), or a stream that is asked for and granted (PROTOCOLS: workload
 * channel). */
#ifndef SITUS_WIRE_ATTEST_ANSWER_H
#define SITUS_WIRE_ATTEST_ANSWER_H

#include "appraise/bind.h"
#include "base/wr.h"

#define ATTEST_QUESTION_MAX 80 /* {0: 64 bytes} has 68 */

/* attest_question_write asks with a nonce of 8 to 64 bytes; attest_question_read gives N of it, as it enters. */
void attest_question_write(struct wr *w, struct span nonce);
bool attest_question_read(struct span body, uint8_t n[BIND_NONCE_SIZE], struct situs_err *err);

/* A stream is asked for, and granted, by the same words. attest_is_stream says that a question asks
 * for one; attest_stream_read that the answer grants it. */
#define ATTEST_REFUSAL_MAX 256
void attest_stream_write(struct wr *w);
bool attest_is_stream(struct span body);
bool attest_stream_read(struct span body, const char *part, struct situs_err *err);

/* attest_answer_write is false when w is full. */
bool attest_answer_write(struct wr *w, struct span bundle, struct span spki);

/* attest_answer_read gives the bundle, a view into body. The key in the answer decides nothing: it
 * is the peer's word, and the bundle has it. */
bool attest_answer_read(struct span body, struct span *bundle, struct situs_err *err);

#endif
