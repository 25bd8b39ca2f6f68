/* The two forms of a result that people and programs read: text and JSON (docs: situs-verify(1)).
 */
#ifndef SITUS_SITUS_REPORT_H
#define SITUS_SITUS_REPORT_H

#include "base/wr.h"
#include "codec/json_out.h"
#include "model/result.h"

/* report_text writes every check as pass, fail or not run (reason), then the proofs and whom each
 * rests on, then the verdict. colour: use terminal colours. */
void report_text(const struct result *r, bool colour, struct wr *w);

/* report_json writes the JSON object of situs-verify(1), without a newline at its end. */
void report_json(const struct result *r, struct wr *w);

/* report_claim writes the text form of one claim, what is not printable ASCII as '?'. */
void report_claim(const struct claim *c, enum claim_type type, struct wr *w);

/* report_claim_json writes the JSON value of one claim; text is as it was received. */
void report_claim_json(const struct claim *c, enum claim_type type, struct json_out *o);

#endif
