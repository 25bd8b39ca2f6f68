/* situs signer new: a key that endorses, and a request for its certificate, or a test CA's. */
#include "frame/file.h"
#include "frame/out.h"
#include "provider/desk/desk_poe.h"
#include "provider/desk/secret.h"
#include "provider/registrar/issue_signer.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM 8192
#define YEAR (365 * 86400)
#define NAME_MAX_CN 64 /* X.520: ub-common-name */

struct making {
    const char *name, *out, *replaces, *passphrase, *days;
    bool request, test_ca;
    int64_t life, at;
    char same[NAME_MAX_CN + 1]; /* the name of the one that is replaced */
    struct issuer ca;
    void *key;
    struct wr ca_pem;
};

static bool usage_ok(struct making *m)
{
    m->life = YEAR;
    if (!desk_need(m->out, "output", "DIR") ||
        (m->days && !desk_poe_days(m->days, "days", &m->life)) || !desk_poe_directory(m->out))
        return false;
    if (m->request == m->test_ca) {
        out_error("say who certifies the key: --request, or --test-ca");
        out_hint("--request writes a request for your CA; --test-ca makes a CA for tests");
        return false;
    }
    if ((m->name && m->name[0] && strlen(m->name) <= NAME_MAX_CN) || (!m->name && m->replaces))
        return true;
    out_error("--name is missing, or longer than 64 bytes");
    out_hint("the signer's common name, which reports show; --replaces DIR takes that of before");
    return false;
}

static bool put(const struct making *m, const char *name, const struct wr *w, bool secret,
                struct situs_err *err)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", m->out, name) >= (int)sizeof path)
        return err_fail(err, SITUS_TOO_LONG, "--output", "", SITUS_NO_OFFSET, NULL, NULL);
    if (access(path, F_OK) == 0) {
        err_fail(err, SITUS_DUPLICATE, path, "", SITUS_NO_OFFSET, "no file of that name", "one");
        return err_hint(err, "a signer is never overwritten; name another directory");
    }
    mode_t mask = umask(secret ? 077 : 022);
    bool ok = file_write(path, wr_span(w), err);
    umask(mask);
    return ok;
}

static bool get(struct file *f, const struct making *m, const char *name, char path[4096],
                struct situs_err *err)
{
    snprintf(path, 4096, "%s/%s", m->replaces, name);
    return file_read(f, path, ROOM, err);
}

/* old takes the name, and with --test-ca the CA, of the signer that is replaced. */
static bool old(struct making *m, struct situs_err *err)
{
    char path[4096], key_path[4096], cert_path[4096];
    struct file cert = {0}, key = {0};
    struct signer chain = {0};
    bool ok = true;
    snprintf(path, sizeof path, "%s/signer.pem", m->replaces);
    if (!m->name) {
        ok = signer_certs(&chain, path, err);
        struct x509 *x = ok ? x509_read(chain.certs[0], NULL, path, err) : NULL;
        ok = x != NULL;
        if (ok)
            m->same[x509_common_name(x, (uint8_t *)m->same, NAME_MAX_CN)] = 0;
        x509_free(x);
        m->name = m->same;
    }
    if (ok && m->test_ca)
        ok = get(&cert, m, "ca.pem", cert_path, err) && get(&key, m, "ca.key.pem", key_path, err) &&
             issue_load(&m->ca, file_span(&cert), file_span(&key), err);
    if (ok && m->test_ca)
        wr_bytes(&m->ca_pem, file_span(&cert));
    if (key.p)
        explicit_bzero(key.p, key.n);
    file_free(&key);
    file_free(&cert);
    signer_free(&chain);
    return ok;
}

/* new_ca makes a CA of one's own, good for ten lives of the signer. */
static bool new_ca(struct making *m, struct situs_err *err)
{
    uint8_t room[ROOM];
    char name[NAME_MAX_CN + 16];
    struct wr w = wr_new(room, sizeof room);
    void *key = issue_signer_key(err);
    snprintf(name, sizeof name, "%.50s test CA", m->name);
    bool ok = key && issue_signer_key_pem(key, span_of(NULL, 0), &w, err) &&
              issue_signer_ca(key, name, m->at, m->at + 10 * m->life, &m->ca_pem, err) &&
              issue_load(&m->ca, wr_span(&m->ca_pem), wr_span(&w), err) &&
              put(m, "ca.key.pem", &w, true, err) && put(m, "ca.pem", &m->ca_pem, false, err);
    explicit_bzero(room, sizeof room);
    issue_signer_free(key);
    return ok;
}

static bool certify(struct making *m, struct situs_err *err)
{
    uint8_t room[ROOM];
    struct wr w = wr_new(room, sizeof room);
    if (m->request)
        return issue_signer_request(m->key, m->name, &w, err) &&
               put(m, "signer.csr.pem", &w, false, err);
    if (!m->replaces && !new_ca(m, err))
        return false;
    if (!issue_signer_certificate(&m->ca, m->key, m->name, m->at, m->at + m->life, &w, err))
        return false;
    wr_bytes(&w, wr_span(&m->ca_pem));
    return put(m, "signer.pem", &w, false, err);
}

static bool make(struct making *m, struct situs_err *err)
{
    uint8_t room[ROOM], ca_room[ROOM];
    struct wr w = wr_new(room, sizeof room);
    struct secret secret = {.n = 0};
    m->ca_pem = wr_new(ca_room, sizeof ca_room);
    bool ok = (!m->replaces || old(m, err)) &&
              (!m->passphrase || secret_read(&secret, m->passphrase, "", err));
    m->key = ok ? issue_signer_key(err) : NULL;
    ok = m->key && issue_signer_key_pem(m->key, span_of(secret.text, secret.n), &w, err) &&
         put(m, "signer.key.pem", &w, true, err) && certify(m, err);
    explicit_bzero(room, sizeof room);
    secret_wipe(&secret);
    issue_signer_free(m->key);
    issue_free(&m->ca);
    return ok;
}

command_function cmd_signer_new;
int cmd_signer_new(const struct command *own, int argc, char **argv)
{
    struct making m = {.name = NULL};
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const struct option rows[] = {
        OPTION_VALUE("name", 0, "NAME", &m.name, "the signer's common name"),
        OPTION_FLAG("request", 0, &m.request, "write signer.csr.pem, for a CA"),
        OPTION_FLAG("test-ca", 0, &m.test_ca, "make a CA for tests, and signer.pem of it"),
        OPTION_VALUE("replaces", 0, "DIR", &m.replaces, "the signer before: its name and test CA"),
        OPTION_VALUE("days", 0, "N", &m.days, "life of a test CA's certificate (default: 365)"),
        OPTION_VALUE("passphrase-file", 0, "FILE", &m.passphrase, "encrypt the key with this"),
        OPTION_VALUE("output", 'o', "DIR", &m.out, "where signer.key.pem and the rest are written"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!usage_ok(&m) || !args_time(NULL, &m.at))
        return EXIT_USAGE;
    if (!make(&m, &err)) {
        out_failure(&err);
        return EXIT_USAGE;
    }
    out_print("%s/signer.key.pem\n%s/%s\n", m.out, m.out,
              m.request ? "signer.csr.pem" : "signer.pem");
    if (m.test_ca && !m.replaces)
        out_print("%s/ca.key.pem\n%s/ca.pem\n", m.out, m.out);
    return EXIT_GOOD;
}
