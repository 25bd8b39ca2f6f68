/* What the two ends of the quote generation service say; our programs only stand between them. */
#ifndef SITUS_TESTS_SUPPORT_QGS_ENDS_H
#define SITUS_TESTS_SUPPORT_QGS_ENDS_H

#include "wire/qgs.h"

/* qgs_request_write writes a GET_QUOTE_REQ without key ids. */
void qgs_request_write(struct wr *w, struct span report);

/* qgs_answer_write writes a GET_QUOTE_RESP without key id. */
void qgs_answer_write(struct wr *w, struct span quote);

#endif
