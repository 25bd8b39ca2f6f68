/* The key that a proxy states; see peer_key.h. */
#include "serve/world/peer_key.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "codec/pem.h"
#include "crypto/x509.h"
#include "serve/http/http_query.h"
#include "serve/world/address.h"

#include <string.h>

#define PART "request"

/* A form gives the bytes that a value stands for. */
struct reading {
    struct arena arena;
    const char *field;
    struct situs_err *err;
};

static bool fail(struct reading *r, const char *expected, struct span got)
{
    return err_fail(r->err, SITUS_MALFORMED, PART, r->field, SITUS_NO_OFFSET, expected,
                    TEXT_CUT(got));
}

/* escaped_pem is PEM, %-escaped to fit a line: $ssl_client_escaped_cert of nginx, %DOWNSTREAM_PEER_CERT% of Envoy. */
static bool escaped_pem(struct reading *r, struct span value, struct span *der)
{
    char *text = arena_take(&r->arena, value.n);
    size_t n = 0;
    if (!text || !http_query_unescape(text, &n, value))
        return fail(r, "one certificate in PEM, %-escaped", value);
    struct rd rd = rd_new(span_of(text, n), 0, PART, r->err);
    return pem_block(&rd, PEM_CERTIFICATE, r->field, &r->arena, der) &&
           (pem_space(&rd) == 0 || fail(r, "one certificate", value));
}

/* base64 is DER: ssl_c_der,base64 of HAProxy. */
static bool base64(struct reading *r, struct span value, struct span *der)
{
    size_t room = value.n / 4 * 3 + 3, n = 0;
    uint8_t *bytes = arena_take(&r->arena, room);
    if (!bytes || !text_base64_read(bytes, room, &n, value, false) || n == 0)
        return fail(r, "DER in base64", value);
    *der = span_of(bytes, n);
    return true;
}

static const struct {
    const char *name;
    bool (*read)(struct reading *r, struct span value, struct span *der);
    bool certificate; /* else a SubjectPublicKeyInfo */
} forms[] = {
    {"certificate-escaped-pem", escaped_pem, true},
    {"certificate-base64", base64, true},
    {"spki-base64", base64, false},
};
#define N_FORMS (sizeof forms / sizeof *forms)
#define FORM_NAMES "certificate-escaped-pem, certificate-base64 or spki-base64"

static bool read_form(const struct json *object, struct peer_key *p, struct situs_err *err)
{
    struct json v;
    struct span name;
    if (!json_get(object, "form", &v, err) || !json_as_text(&v, &name, err))
        return false;
    for (p->form = 0; p->form < N_FORMS; p->form++)
        if (span_equal(name, span_text(forms[p->form].name)))
            return true;
    p->form = 0;
    return json_fail(&v, SITUS_UNKNOWN, FORM_NAMES, TEXT_CUT(name), err);
}

/* A name that is read elsewhere, or that proxies make of another spelling, is none that they can rule over. */
static bool read_header(const struct json *object, struct peer_key *p, struct situs_err *err)
{
    struct json v;
    struct span name;
    if (!json_get(object, "header", &v, err) || !json_as_text(&v, &name, err))
        return false;
    bool ok = name.n > 2 && name.n < PEER_KEY_HEADER && (name.p[0] == 'X' || name.p[0] == 'x') &&
              name.p[1] == '-';
    for (size_t i = 0; i < name.n; i++)
        ok = ok &&
             ((name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= 'A' && name.p[i] <= 'Z') ||
              (name.p[i] >= '0' && name.p[i] <= '9') || name.p[i] == '-');
    if (!ok)
        return json_fail(&v, SITUS_MALFORMED, "X- and letters, digits, \"-\": 63 at most",
                         TEXT_CUT(name), err);
    memcpy(p->header, name.p, name.n);
    return true;
}

static bool read_from(const struct json *object, struct peer_key *p, struct situs_err *err)
{
    struct json list;
    if (!json_get_array(object, "from", &list, err))
        return false;
    if (json_count(&list) == 0 || json_count(&list) > PEER_KEY_FROM)
        return json_fail(&list, SITUS_NOT_ALLOWED, "1 to 8 proxies", TEXT_NUM(json_count(&list)),
                         err);
    for (size_t i = 0; i < json_count(&list); i++) {
        struct json v = json_element(&list, i);
        struct span name;
        if (!json_as_text(&v, &name, err))
            return false;
        if (span_equal(name, SPAN_LIT("unix")))
            p->local = 1;
        else if (address_read(p->from[p->n], (const char *)name.p))
            p->n++;
        else
            return json_fail(&v, SITUS_MALFORMED, "an address, as 127.0.0.1 or ::1, or \"unix\"",
                             TEXT_CUT(name), err);
    }
    return true;
}

bool peer_key_config(struct peer_key *p, const struct json *root, struct situs_err *err)
{
    struct json object;
    *p = (struct peer_key){.n = 0};
    return !json_has(root, "peer_key") ||
           (json_get_object(root, "peer_key", &object, err) &&
            JSON_KNOWN(&object, err, "header", "form", "from") && read_header(&object, p, err) &&
            read_form(&object, p, err) && read_from(&object, p, err));
}

bool peer_key_from(const struct peer_key *p, const struct sockaddr_storage *peer)
{
    uint8_t at[16];
    if (peer->ss_family == AF_UNIX)
        return p->local != 0;
    if (!address_of(at, peer))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (memcmp(p->from[i], at, sizeof at) == 0)
            return true;
    return false;
}

bool peer_key_read(const struct peer_key *p, struct span value, uint8_t *spki, size_t room,
                   size_t *n, struct situs_err *err)
{
    uint8_t memory[2 * PEER_KEY_VALUE];
    struct reading r = {arena_new(memory, sizeof memory), p->header, err};
    struct span der;
    *n = 0;
    if (value.n == 0 || value.n > PEER_KEY_VALUE)
        return err_fail(err, value.n ? SITUS_TOO_LONG : SITUS_MISSING, PART, p->header,
                        SITUS_NO_OFFSET, TEXT_BYTES(PEER_KEY_VALUE), TEXT_BYTES(value.n));
    if (!forms[p->form].read(&r, value, &der))
        return false;
    struct x509 *cert = NULL;
    if (!forms[p->form].certificate) {
        *n = der.n <= room ? der.n : 0;
        memcpy(spki, der.p, *n);
    } else if ((cert = x509_read(der, NULL, PART, err))) {
        *n = x509_spki(cert, spki, room);
    } else {
        return false;
    }
    x509_free(cert);
    return *n || err_fail(err, SITUS_TOO_LONG, PART, p->header, SITUS_NO_OFFSET, TEXT_BYTES(room),
                          "a larger key");
}
