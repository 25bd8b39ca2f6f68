/* The TLS server; see tls.h. Each connection is a process: it shares the key and nothing else, and
 * what goes wrong in it ends with it. */
#include "wire/tls_openssl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#define CERT_SECONDS (10L * 365 * 24 * 3600) /* nobody reads it; the key lives as the process */

/* A certificate is how TLS carries a key; this one says nothing. */
static X509 *certificate(EVP_PKEY *key)
{
    static const unsigned char name[] = "situs attester";
    X509 *x = X509_new();
    X509_NAME *subject = x ? X509_get_subject_name(x) : NULL;
    if (subject && X509_set_version(x, X509_VERSION_3) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(x, subject) == 1 && X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
        X509_gmtime_adj(X509_getm_notAfter(x), CERT_SECONDS) && X509_set_pubkey(x, key) == 1 &&
        X509_sign(x, key, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

static SSL_CTX *server_context(EVP_PKEY *key)
{
    X509 *cert = certificate(key);
    SSL_CTX *ctx = cert ? SSL_CTX_new(TLS_server_method()) : NULL;
    bool ok = ctx && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
              SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
              SSL_CTX_set_num_tickets(ctx, 0) == 1; /* no resumption: each handshake shows K */
    X509_free(cert);
    if (ok)
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

/* talk is the life of one connection's process; the alarm ends what no deadline reaches. */
static _Noreturn void talk(SSL_CTX *ctx, int fd, const struct tls_handler *handler, pid_t parent)
{
    struct situs_err ignored = {0};
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    alarm(2 * TLS_SECONDS);
    struct tls *t = tls_new(ctx, fd, true, tls_now() + TLS_SECONDS * 1000, &ignored);
    if (t)
        handler->serve(handler->context, t);
    tls_close(t);
    _exit(0);
}

static void accept_one(SSL_CTX *ctx, int listener, const struct tls_handler *handler, size_t *busy)
{
    pid_t parent = getpid();
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    pid_t child = fork();
    if (child == 0)
        talk(ctx, fd, handler, parent);
    *busy += child > 0;
    close(fd);
}

bool tls_serve(int listener, void *key, const struct tls_handler *handler, int stop,
               struct situs_err *err)
{
    SSL_CTX *ctx = server_context((EVP_PKEY *)key);
    size_t busy = 0;
    bool ok = ctx || err_fail(err, SITUS_INTERNAL, TLS_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    while (ok) {
        struct pollfd set[] = {{.fd = stop, .events = POLLIN},
                               {.fd = busy < TLS_CONNECTIONS ? listener : -1, .events = POLLIN}};
        if (poll(set, 2, 100) < 0 && errno != EINTR)
            ok = err_fail(err, SITUS_MISSING, TLS_PART, "poll", SITUS_NO_OFFSET, "to wait",
                          strerror(errno));
        if (set[0].revents)
            break;
        while (busy > 0 && waitpid(-1, NULL, WNOHANG) > 0)
            busy--;
        if (set[1].revents)
            accept_one(ctx, listener, handler, &busy);
    }
    SSL_CTX_free(ctx);
    return ok;
}
