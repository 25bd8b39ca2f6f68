/* Fuzzes the answers of a metadata service: a body lies in the answer, is no longer than it, and a second reading of it
 * behind a Content-Length gives the same. */
#include <assert.h>
#include <stdio.h>

#include "attester/imds_http.h"
#include "oracle.h"

#define MOST 65536

const char *const oracles[] = {"read", "chunks", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t first[MOST], second[MOST + 64];
    struct situs_err err = {0};
    struct span body, again;
    if (size > MOST)
        return 0;
    memcpy(first, data, size);
    bool ok = imds_http_body(first, size, &body, &err);
    assert(ok == (err.code == SITUS_NONE));
    if (!ok)
        return 0;
    assert(body.n <= size && (body.n == 0 || (body.p >= first && body.p + body.n <= first + size)));
    int head =
        snprintf((char *)second, 64, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body.n);
    if (body.n)
        memcpy(second + head, body.p, body.n);
    assert(imds_http_body(second, (size_t)head + body.n, &again, &err) && span_equal(body, again));
    oracle_ran(memmem(data, size, "chunked", 7) ? 1 : 0);
    return 0;
}
