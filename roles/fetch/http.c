/* HTTPS by libcurl; see http.h. */
#include "fetch/http.h"

#include "base/text.h"
#include "frame/out.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#define TELL_AFTER 2 /* seconds of waiting, and then */
#define TELL_EVERY 10
#define PAUSE_MOST 60    /* seconds that a service may ask to wait */
#define RETRY_MOST 86400 /* and that are told to who asks again by himself */

static const struct http_hints pcs = {
    .shape = "the service does not answer like PCS",
    .slow = "the service is slow or out of reach; try again, or give --timeout SECONDS",
    .tls = "name the file with the service's CA: --cacert FILE",
    .reach = "check the network and --url; collateral can be imported from a file instead",
    .redirect = "redirects are not followed; give the final address with --url",
    .missing = "the service knows none for this platform; check --url, or the platform is not "
               "one that it supports",
    .refused = "the service refuses the request; check --url"};

static const struct http_hints *hints(const struct http_request *r)
{
    return r->hints ? r->hints : &pcs;
}

static int64_t seconds_now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* What the callbacks of one exchange see. */
struct exchange {
    const struct http_request *request;
    struct http_answer *answer;
    struct curl_slist *headers; /* of a POST */
    size_t room;
    char retry_after[32], encoding[32];
    bool too_long, header_too_long, header_twice, no_memory;
    bool may_pass; /* the failure: trying again may help */
    long status;
    int64_t began;
    long told; /* the wait is told next at this second of it */
};

static bool fail(struct situs_err *err, enum situs_code code, const struct http_request *r,
                 const char *expected, const char *got, const char *hint)
{
    err_fail(err, code, r->what, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

static size_t on_body(char *p, size_t size, size_t count, void *context)
{
    struct exchange *x = context;
    struct http_answer *a = x->answer;
    size_t n = size * count;
    if (x->request->body.n) /* nothing is wanted */
        return n;
    if (n > x->request->limit - a->n) {
        x->too_long = true;
        return 0;
    }
    if (n > x->room - a->n) {
        size_t room = 2 * x->room > a->n + n ? 2 * x->room : a->n + n;
        uint8_t *body = realloc(a->body, room);
        x->no_memory = !body;
        if (!body)
            return 0;
        a->body = body;
        x->room = room;
    }
    if (n)
        memcpy(a->body + a->n, p, n);
    a->n += n;
    return n;
}

/* value_of is the value of a header line with this name, without white space around it; n 0 when
 * the line is another's. */
static struct span value_of(const char *name, struct span line)
{
    size_t n = name ? strlen(name) : 0;
    if (!n || line.n <= n || line.p[n] != ':' || strncasecmp((const char *)line.p, name, n) != 0)
        return span_of(NULL, 0);
    struct span v = span_cut(line, n + 1, line.n - n - 1);
    while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
        v = span_cut(v, 1, v.n - 1);
    while (v.n && v.p[v.n - 1] <= 0x20)
        v.n--;
    return v;
}

/* keep copies a short value, lower case. */
static void keep(char *to, size_t size, struct span value)
{
    for (size_t i = 0; i < value.n && i + 1 < size; i++) {
        to[i] = (char)tolower(value.p[i]);
        to[i + 1] = 0;
    }
}

static bool keep_header(struct exchange *x, struct span value)
{
    struct http_answer *a = x->answer;
    x->header_twice = a->header != NULL;
    x->header_too_long = value.n > HTTP_HEADER_MAX;
    if (x->header_twice || x->header_too_long)
        return false;
    a->header = malloc(value.n + 1);
    x->no_memory = !a->header;
    if (!a->header)
        return false;
    memcpy(a->header, value.p, value.n);
    a->header[value.n] = 0;
    a->header_n = value.n;
    return true;
}

static size_t on_header(char *p, size_t size, size_t count, void *context)
{
    struct exchange *x = context;
    struct span line = span_of(p, size * count), v;
    if ((v = value_of("Content-Type", line)).n) {
        const uint8_t *end = memchr(v.p, ';', v.n);
        keep(x->answer->type, sizeof x->answer->type,
             end ? span_cut(v, 0, (size_t)(end - v.p)) : v);
    }
    if ((v = value_of("Content-Encoding", line)).n)
        keep(x->encoding, sizeof x->encoding, v);
    if ((v = value_of("Retry-After", line)).n)
        keep(x->retry_after, sizeof x->retry_after, v);
    v = value_of(x->request->header, line);
    v = v.n ? v : value_of(x->request->header_old, line);
    return v.n && !keep_header(x, v) ? 0 : line.n;
}

/* Called about once a second. */
static int on_wait(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct exchange *x = context;
    long now = (long)(seconds_now() - x->began);
    (void)a, (void)b, (void)c, (void)d;
    if (now >= x->told) {
        out_note("waiting for the %s: %ld of %ld seconds", x->request->what, now,
                 x->request->seconds);
        x->told = now + TELL_EVERY;
    }
    return 0;
}

/* set_body makes it a POST. A server that is asked whether it wants the body would have to answer twice. */
static bool set_body(CURL *curl, struct exchange *x)
{
    char type[100];
    snprintf(type, sizeof type, "Content-Type: %s", x->request->type);
    const char *const lines[] = {type, "Accept: application/json", "Expect:"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct curl_slist *more = curl_slist_append(x->headers, lines[i]);
        if (!more)
            return false;
        x->headers = more;
    }
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)x->request->body.n);
    bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)x->request->body.p);
    bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, x->headers);
    return bad == CURLE_OK;
}

static bool set_options(CURL *curl, struct exchange *x)
{
    const struct http_request *r = x->request;
    bool plain = strncmp(r->url, "http://", 7) == 0; /* to loopback only: url_refused */
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_URL, r->url);
    bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, r->seconds);
    bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, r->seconds);
    bad |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "situs/" SITUS_VERSION);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, (void *)x);
    bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, (void *)x);
    bad |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_wait);
    bad |= curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)x);
    bad |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (r->socket)
        bad |= curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, r->socket);
    if (plain) /* loopback means this machine, no proxy */
        bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (r->cacert) { /* these anchors alone, not the system's too */
        bad |= curl_easy_setopt(curl, CURLOPT_CAINFO, r->cacert);
        bad |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    return bad == CURLE_OK && (r->body.n == 0 || set_body(curl, x));
}

/* judge_transport says what went wrong when no whole answer came. */
static bool judge_transport(CURLcode code, struct exchange *x, struct situs_err *err)
{
    const struct http_request *r = x->request;
    const char *whole = "a whole answer";
    char most[48];
    snprintf(most, sizeof most, "at most %zu bytes", r->limit);
    if (x->too_long)
        return fail(err, SITUS_TOO_LONG, r, most, "more", hints(r)->shape);
    if (x->header_twice)
        return fail(err, SITUS_DUPLICATE, r, r->header, "the header twice", hints(r)->shape);
    if (x->header_too_long)
        return fail(err, SITUS_TOO_LONG, r, r->header, "a header longer than any chain",
                    hints(r)->shape);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        x->may_pass = true;
        return fail(err, SITUS_MISSING, r, whole, "time-out", hints(r)->slow);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return fail(err, SITUS_UNTRUSTED, r, "a TLS server certificate that verifies",
                    curl_easy_strerror(code), hints(r)->tls);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return fail(err, SITUS_MISSING, r, whole, curl_easy_strerror(code), hints(r)->reach);
    default:
        x->may_pass = true;
        return fail(err, SITUS_MISSING, r, whole, curl_easy_strerror(code),
                    "the connection broke; try again");
    }
}

static bool judge_status(long status, struct exchange *x, struct situs_err *err)
{
    const struct http_request *r = x->request;
    char got[80], hint[120];
    snprintf(got, sizeof got, "status %ld", status);
    if (status == 200 && r->body.n == 0 && x->encoding[0] && strcmp(x->encoding, "identity") != 0)
        return fail(err, SITUS_UNSUPPORTED, r, "no content encoding", x->encoding,
                    "the service compresses unasked; use another");
    if (status == 200 || (r->body.n && (status == 202 || status == 204)))
        return true;
    if (status >= 300 && status < 400)
        return fail(err, SITUS_UNSUPPORTED, r, "status 200", got, hints(r)->redirect);
    if (r->body.n == 0 && (status == 404 || status == 410))
        return fail(err, SITUS_MISSING, r, "status 200", got, hints(r)->missing);
    x->may_pass = status == 408 || status == 429 || status >= 500;
    if (status == 429 || status == 503) {
        snprintf(hint, sizeof hint, "the service is busy: try again %s%s",
                 x->retry_after[0] ? "after (Retry-After) " : "later", x->retry_after);
        return fail(err, SITUS_MISSING, r, "status 200", got, hint);
    }
    return fail(err, SITUS_MISSING, r, "status 200", got,
                status >= 500 ? "the service failed; try again later" : hints(r)->refused);
}

static bool exchange(CURL *curl, struct exchange *x, struct situs_err *err)
{
    if (!set_options(curl, x))
        return fail(err, SITUS_INTERNAL, x->request, "libcurl with TLS, 7.85 or newer", "another",
                    "install Debian's libcurl4");
    CURLcode code = curl_easy_perform(curl);
    if (x->no_memory)
        return fail(err, SITUS_NO_MEMORY, x->request, "memory", "none", "");
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &x->status);
    if (code != CURLE_OK && (x->status == 200 || x->status == 0))
        return judge_transport(code, x, err);
    return judge_status(x->status, x, err);
}

/* pause_for is the seconds to wait before another try; 0: there is none. */
static unsigned pause_for(const struct exchange *x, unsigned tries)
{
    uint64_t asked = 0;
    if (!x->may_pass || tries >= x->request->retries)
        return 0;
    if (!x->retry_after[0])
        return 1u << tries;
    bool soon = text_number(span_text(x->retry_after), 0, PAUSE_MOST, &asked);
    return soon && asked ? (unsigned)asked : soon;
}

bool http_get(const struct http_request *r, struct http_answer *a, struct situs_err *err)
{
    CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    bool ok = false;
    unsigned pause = 0;
    *a = (struct http_answer){0};
    if (!curl)
        return fail(err, SITUS_INTERNAL, r, "libcurl", "one that does not start", "");
    for (unsigned tries = 0; !ok && (tries == 0 || pause); tries++) {
        struct exchange x = {.request = r, .answer = a, .began = seconds_now(), .told = TELL_AFTER};
        *err = (struct situs_err){0};
        ok = exchange(curl, &x, err);
        curl_slist_free_all(x.headers);
        pause = ok ? 0 : pause_for(&x, tries);
        if (!ok)
            http_free(a);
        a->status = x.status;
        if (!ok && x.may_pass)
            text_number(span_text(x.retry_after), 1, RETRY_MOST, &a->retry_after); /* or 0 */
        if (pause) {
            out_note("the %s: %s; trying again in %u second%s (%u of %u)", r->what, err->got, pause,
                     pause == 1 ? "" : "s", tries + 1, r->retries);
            sleep(pause);
        }
    }
    curl_easy_cleanup(curl);
    return ok;
}

bool http_post(const struct http_request *r, struct http_answer *a, struct situs_err *err)
{
    return r->body.n
               ? http_get(r, a, err)
               : fail(err, SITUS_MISSING, r, "a body", "none", "give what is to be handed over");
}

void http_free(struct http_answer *a)
{
    free(a->body);
    free(a->header);
    *a = (struct http_answer){0};
}
