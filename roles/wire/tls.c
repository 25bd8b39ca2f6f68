/* One TLS connection; see tls.h. The server is in tls_server.c, addresses in tls_address.c. */
#include "wire/tls_openssl.h"

#include "base/rd.h"
#include "base/text.h"
#include "base/wr.h"
#include "frame/out.h"
#include "wire/wire.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

/* fail says what did not come, and why: the deadline, the peer's end, or OpenSSL's word. */
static bool fail(const struct tls *t, struct situs_err *err, const char *part, const char *expected)
{
    unsigned long code = ERR_peek_error();
    bool end = code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    const char *word = end ? NULL : ERR_reason_error_string(code);
    const char *got = wire_now() >= t->deadline ? "nothing in time"
                      : word                    ? word
                                                : "the end of the connection";
    ERR_clear_error();
    err_fail(err, SITUS_MISSING, part, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "does the program at the other end run, and speak TLS 1.3 there?");
}

/* wait says that the connection moved on before the deadline; result is of the last SSL call. */
static bool wait_for(struct tls *t, int result)
{
    int what = SSL_get_error(t->ssl, result);
    struct pollfd p = {.fd = t->fd};
    if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE)
        return false;
    p.events = what == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    for (;;) {
        int64_t left = t->deadline - wire_now();
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

static bool shake(struct tls *t)
{
    for (;;) {
        int n = SSL_do_handshake(t->ssl);
        if (n == 1)
            return true;
        if (!wait_for(t, n))
            return false;
    }
}

/* take_peer keeps the key that the peer's CertificateVerify was made with. */
static bool take_peer(struct tls *t)
{
    X509 *cert = SSL_get0_peer_certificate(t->ssl);
    unsigned char *der = NULL;
    int n = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;
    if (n > 0 && n <= TLS_SPKI_MAX) {
        memcpy(t->peer, der, (size_t)n);
        t->peer_size = (size_t)n;
    }
    OPENSSL_free(der);
    return t->peer_size > 0;
}

struct tls *tls_new(SSL_CTX *ctx, int fd, bool server, int64_t deadline, struct situs_err *err)
{
    struct tls *t = calloc(1, sizeof *t);
    SSL *ssl = t ? SSL_new(ctx) : NULL;
    if (!ssl || SSL_set_fd(ssl, fd) != 1) {
        err_fail(err, SITUS_NO_MEMORY, TLS_PART, "", SITUS_NO_OFFSET, NULL, NULL);
        SSL_free(ssl);
        free(t);
        close(fd);
        return NULL;
    }
    *t = (struct tls){.ssl = ssl, .fd = fd, .deadline = deadline};
    if (server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    if (shake(t) && (server || take_peer(t))) {
        out_step("TLS handshake: %s", server ? "a client" : "the peer's key is known");
        return t;
    }
    fail(t, err, TLS_PART, "a TLS 1.3 handshake");
    tls_close(t);
    return NULL;
}

void tls_close(struct tls *t)
{
    if (!t)
        return;
    SSL_shutdown(t->ssl); /* says goodbye, and does not wait for an answer */
    SSL_free(t->ssl);
    close(t->fd);
    free(t);
}

struct span tls_peer(const struct tls *t)
{
    return span_of(t->peer, t->peer_size);
}

static bool write_all(struct tls *t, struct span s)
{
    while (s.n) {
        size_t done = 0;
        int n = SSL_write_ex(t->ssl, s.p, s.n, &done);
        if (n != 1 && !wait_for(t, n))
            return false;
        s = span_cut(s, done, s.n - done);
    }
    return true;
}

static bool read_all(struct tls *t, uint8_t *p, size_t size)
{
    while (size) {
        size_t done = 0;
        int n = SSL_read_ex(t->ssl, p, size, &done);
        if (n != 1 && !wait_for(t, n))
            return false;
        p += done;
        size -= done;
    }
    return true;
}

bool tls_send(struct tls *t, struct span body, const char *part, struct situs_err *err)
{
    uint8_t head[4];
    if (!wire_head(head, body, part, err))
        return false;
    if (!write_all(t, SPAN_ARR(head)) || !write_all(t, body))
        return fail(t, err, part, "a peer that listens");
    out_step("-> %s, %zu bytes", part, body.n);
    return true;
}

struct span tls_receive(struct tls *t, size_t limit, const char *part, struct situs_err *err)
{
    uint8_t head[4];
    if (!read_all(t, head, sizeof head)) {
        fail(t, err, part, "a message");
        return span_of(NULL, 0);
    }
    struct rd r = rd_new(SPAN_ARR(head), 0, part, err);
    size_t n = rd_u32be(&r, "frame");
    if (n == 0 || n > limit) {
        err_fail(err, SITUS_TOO_LONG, part, "frame", 0, TEXT_BYTES(limit), TEXT_BYTES(n));
        return span_of(NULL, 0);
    }
    uint8_t *p = malloc(n);
    if (p && read_all(t, p, n)) {
        out_step("<- %s, %zu bytes", part, n);
        return span_of(p, n);
    }
    fail(t, err, part, "a whole message");
    free(p);
    return span_of(NULL, 0);
}

static SSL_CTX *client_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL); /* the evidence speaks for the key */
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        return ctx;
    }
    SSL_CTX_free(ctx);
    return NULL;
}

struct tls *tls_connect(const char *address, int64_t deadline, struct situs_err *err)
{
    return tls_connect_where(address, deadline, NULL, NULL, err);
}

struct tls *tls_connect_where(const char *address, int64_t deadline,
                              bool (*may)(void *context, const struct sockaddr_storage *at),
                              void *context, struct situs_err *err)
{
    struct tls *t = NULL;
    int fd = tls_address_connect(address, deadline, may, context, err);
    SSL_CTX *ctx = fd >= 0 ? client_context() : NULL;
    if (ctx)
        t = tls_new(ctx, fd, false, deadline, err);
    else if (fd >= 0)
        close(fd);
    SSL_CTX_free(ctx);
    if (!t)
        err_fail(err, SITUS_INTERNAL, TLS_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    return t;
}

size_t tls_wait(struct tls *const t[], size_t n, int64_t deadline)
{
    struct pollfd set[TLS_WAIT_MAX];
    assert(n <= TLS_WAIT_MAX);
    for (size_t i = 0; i < n; i++)
        set[i] = (struct pollfd){.fd = t[i] ? t[i]->fd : -1, .events = POLLIN};
    for (;;) {
        int64_t left = deadline - wire_now();
        int ready = left > 0 ? poll(set, n, (int)left) : 0;
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return n;
        for (size_t i = 0; ready > 0 && i < n; i++)
            if (set[i].revents)
                return i;
    }
}
