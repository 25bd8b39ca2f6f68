/* Messages of Intel's quote generation service are read to the last byte, or refused. */
#include <assert.h>

#include "oracle.h"
#include "wire/qgs.h"

const char *const oracles[] = {"request", "answer", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0}, other = {0};
    struct span message = span_of(data, size);
    struct qgs_request q;
    struct qgs_answer a;
    if (qgs_request_read(&q, message, &err)) {
        assert(q.report.n == QGS_REPORT_SIZE && q.report.n + q.id_list.n + 24 == size);
        oracle_ran(0);
    } else {
        assert(err.code != SITUS_NONE && q.report.n == 0 && q.id_list.n == 0);
    }
    if (qgs_answer_read(&a, message, &other)) {
        assert(a.quote.n + a.selected_id.n + 24 == size);
        oracle_ran(1);
    } else {
        assert(other.code != SITUS_NONE && a.quote.n == 0);
    }
    return 0;
}
