/* Answers of a metadata service, whole and broken, and the addresses at which one is asked. */
#include "attester/imds.h"

#include "attester/imds_http.h"
#include "support/test.h"

#include <stdio.h>

#define OK "HTTP/1.1 200 OK\r\n"

static bool reads(const char *text, struct span *body, struct situs_err *err)
{
    static char room[512];
    *err = (struct situs_err){0};
    snprintf(room, sizeof room, "%s", text);
    return imds_http_body((uint8_t *)room, strlen(room), body, err);
}

static void a_body_is_found_by_any_of_its_marks(void **state)
{
    static const char *const same[] = {
        OK "\r\n{\"a\":1}",
        OK "Content-Type: application/json\r\ncontent-length: 7\r\n\r\n{\"a\":1}",
        OK "Transfer-Encoding: Chunked\r\n\r\n3\r\n{\"a\r\n004;x=y\r\n\":1}\r\n0\r\n\r\n",
        "HTTP/1.0 200\r\nServer:\r\n\r\n{\"a\":1}",
    };
    struct situs_err err;
    struct span body;
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(reads(same[i], &body, &err));
        assert_true(span_equal(body, SPAN_LIT("{\"a\":1}")));
    }
}

static void what_is_not_whole_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"", SITUS_MALFORMED, "answer"},
        {"220 smtp\r\n\r\n", SITUS_MALFORMED, "answer"},
        {"HTTP/1.1 404 Not Found\r\n\r\n", SITUS_MISSING, "status"},
        {"HTTP/1.1 2000\r\n\r\n", SITUS_MISSING, "status"},
        {OK "no colon\r\n\r\n", SITUS_MALFORMED, "head"},
        {OK ": no name\r\n\r\n", SITUS_MALFORMED, "head"},
        {OK "Server: x\r\n", SITUS_TOO_SHORT, "head"},
        {OK "Server: x\n\r\n\r\n", SITUS_TOO_SHORT, "head"},
        {OK "Content-Length: 8\r\n\r\n{\"a\":1}", SITUS_TOO_SHORT, "answer"},
        {OK "Content-Length: 6\r\n\r\n{\"a\":1}", SITUS_TOO_SHORT, "answer"},
        {OK "Content-Length: -1\r\n\r\n", SITUS_MALFORMED, "head"},
        {OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1", SITUS_MALFORMED, "head"},
        {OK "Transfer-Encoding: gzip\r\n\r\n", SITUS_MALFORMED, "head"},
        {OK "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", SITUS_MALFORMED,
         "answer"},
        {OK "Transfer-Encoding: chunked\r\n\r\n", SITUS_MALFORMED, "answer"},
        {OK "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"a\":1}\r\n0\r\n", SITUS_MALFORMED, "answer"},
        {OK "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}x\r\n0\r\n", SITUS_MALFORMED,
         "answer"},
        {OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n", SITUS_MALFORMED,
         "answer"},
        {OK "Transfer-Encoding: chunked\r\n\r\n;\r\n", SITUS_MALFORMED, "answer"},
        {OK "Transfer-Encoding: chunked\r\n\r\ng\r\n", SITUS_MALFORMED, "answer"},
    };
    struct situs_err err;
    struct span body;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (reads(rows[i].text, &body, &err))
            fail_msg("accepted: %s", rows[i].text);
        assert_int_equal(err.code, rows[i].code);
        assert_string_equal(err.field, rows[i].field);
    }
}

static void a_service_is_of_this_machine_alone(void **state)
{
    static const char *const good[] = {"http://169.254.169.254", "http://169.254.1.1:8080",
                                       "http://127.0.0.1:1"};
    static const char *const bad[] = {"",
                                      "http://",
                                      "https://169.254.169.254",
                                      "http://169.254.169.254/",
                                      "http://169.255.1.1",
                                      "http://169.254.169.254:0",
                                      "http://169.254.169.254:65536",
                                      "http://169.254.169.254:",
                                      "http://localhost",
                                      "http://10.0.0.1",
                                      "http://169.254.169.254:80\r\nX: y",
                                      "http://u@127.0.0.1",
                                      "http://169.254.169",
                                      "http://1127.0.0.1",
                                      "169.254.169.254"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(imds_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (imds_ok(bad[i]))
            fail_msg("accepted: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_found_by_any_of_its_marks),
        cmocka_unit_test(what_is_not_whole_is_refused),
        cmocka_unit_test(a_service_is_of_this_machine_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
