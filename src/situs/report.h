/* The forms of a result that people and programs read (docs: situs-verify(1)). They ask the result
 * what every program can ask (situs.h). */
#ifndef SITUS_SITUS_REPORT_H
#define SITUS_SITUS_REPORT_H

#include "base/wr.h"
#include "codec/json_out.h"
#include "model/result.h"
#include "situs/page.h"

/*
 * report_brief writes the answer: the verdict in one sentence, the reason where it is refused, what
 * was asked for and what decided it, whom it rests on, until when, what was not asked. What does not
 * fit the page is cut.
 */
void report_brief(const struct situs_result *r, struct page *page);

/* report_sentence writes line 1, the verdict without its own words ("TRUSTED"); names in it are cut
 * until it has at most so many columns, of which it needs some. */
void report_sentence(const struct situs_result *r, size_t columns, struct wr *w);

/*
 * report_plain writes the answer in one sentence for somebody who knows none of our words: what runs
 * where, by the names that policy and trust file have for image, party and place, as far as what was
 * asked for holds; what was so, where past says so and of an archived result; or what is not proven. No text of evidence is
 * in it; of names what is not seen, or moves what is, is written as <U+202E>.
 */
void report_plain(const struct situs_result *r, bool past, struct wr *w);

/* report_plain_row writes what is so when a row of checks.def is against the result, by its code, for
 * the same people. */
void report_plain_row(const char *id, enum situs_code code, struct wr *w);

/* report_open is sentence i about what the result does not prove; NULL after the last. report_break is
 * sentence i about what ends it at any time; of a refused one there may be none. */
const char *report_open(const struct situs_result *r, size_t i);
const char *report_break(const struct situs_result *r, size_t i);

/* report_end_of is what of the signed and dated words ends i-th that the required proofs rest on, and
 * when, Unix seconds; false after the last. */
bool report_end_of(const struct situs_result *r, size_t i, int64_t *at, const char **what);

/* report_party_root is the root that a party belongs to, "chip", "machine", "image" or "verifier";
 * report_party_words what it is trusted for, for people. */
const char *report_party_root(const struct situs_party *party);
const char *report_party_words(const struct situs_party *party);

/* report_left is a span of time for people, as "3 days" or "90 minutes", in the buffer. */
const char *report_left(char buffer[32], int64_t seconds);

/* report_verdict is the verdict's own words, as "REFUSED (exit 6)", in a buffer of 48 bytes. */
char *report_verdict(char buffer[48], const struct situs_result *r);

/* report_text writes the answer and everything behind it: every check (failed, not run though a proof
 * needed it, passed, others), the proofs and whom each rests on, the claims. colour: use terminal
 * colours. */
void report_text(const struct situs_result *r, bool colour, struct wr *w);

/* report_json writes the JSON object of situs-verify(1), without a newline at its end. */
void report_json(const struct situs_result *r, struct wr *w);

/* report_check writes one row, and why it failed or did not run. */
void report_check(const struct page *p, const struct situs_check *c);

/* report_finish ends a text of size bytes with its zero byte, cut where it must be; the size that it
 * needs. */
size_t report_finish(struct wr *w, char *text, size_t size);

/* A page that becomes a text of size bytes: report_begin begins it (page_new), and it stays where it
 * is; report_end ends it (report_finish). */
struct report {
    struct wr w;
    struct page page;
    char *text;
    size_t size;
};
struct page *report_begin(struct report *r, bool colour, bool whole, char *text, size_t size);
size_t report_end(struct report *r);

/* report_claim writes the text form of one claim, what is not printable ASCII as '?'. */
void report_claim(const struct claim *c, enum claim_type type, struct wr *w);

/* report_claim_json writes the JSON value of one claim; text is as it was received. */
void report_claim_json(const struct claim *c, enum claim_type type, struct json_out *o);

#endif
