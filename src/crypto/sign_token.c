/* Private keys in tokens: PKCS #11 by OpenSSL's engine of that name (libp11), which is loaded when a
 * URI is given. See sign.h. */
#include "base/text.h"
#include "crypto/sign_openssl.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>

#if OPENSSL_VERSION_MAJOR >= 4 || defined(OPENSSL_NO_ENGINE)
#define ENGINES 0 /* OpenSSL 4 has none */
#else
#define ENGINES 1
#include <openssl/engine.h>
#endif

#define SCHEME "pkcs11:"
#define ROOM 1024 /* bytes of a URI, of a path, of a PIN */
#define MODULE "module-path="

bool sign_key_is_uri(const char *name)
{
    return strncmp(name, SCHEME, sizeof SCHEME - 1) == 0;
}

static struct sign_key *refuse(enum situs_code code, const char *part, const char *field,
                               const char *expected, const char *hint, struct situs_err *err)
{
    char why[120] = "";
    unsigned long last = ERR_peek_last_error();
    if (last)
        snprintf(why, sizeof why, "%s",
                 ERR_reason_error_string(last) ? ERR_reason_error_string(last) : "an error");
    ERR_clear_error();
    err_fail(err, code, part, field, SITUS_NO_OFFSET, expected, why[0] ? why : "none");
    if (hint)
        err_hint(err, hint);
    return NULL;
}

#if ENGINES

static int digit(char c)
{
    const char *hex = "0123456789abcdef", *at = c ? strchr(hex, c | 0x20) : NULL;
    return at ? (int)(at - hex) : -1;
}

/* split takes the module's path (RFC 7512, 2.4) out of the URI: the engine does not know it. */
static bool split(const char *uri, char rest[ROOM], char module[ROOM])
{
    const char *query = strchr(uri, '?'), *at = query ? strstr(query, MODULE) : NULL;
    size_t n = 0;
    module[0] = 0;
    if (strlen(uri) >= ROOM)
        return false;
    strcpy(rest, uri);
    if (!at || (at[-1] != '?' && at[-1] != '&'))
        return true;
    const char *p = at + sizeof MODULE - 1;
    for (; *p && *p != '&'; p++, n++) {
        module[n] = *p;
        if (*p != '%')
            continue;
        if (digit(p[1]) < 0 || digit(p[2]) < 0)
            return false;
        module[n] = (char)(digit(p[1]) * 16 + digit(p[2]));
        p += 2;
    }
    module[n] = 0;
    size_t before = (size_t)(at - uri);
    strcpy(rest + before - (*p ? 0 : 1), *p ? p + 1 : ""); /* with the mark before it */
    return true;
}

static EVP_PKEY *load(ENGINE *e, const char *uri, const char *module, const char *pin)
{
    EVP_PKEY *key = NULL;
    ENGINE_ctrl_cmd_string(e, "QUIET", NULL, 0); /* it would write to stderr */
    if ((module[0] && !ENGINE_ctrl_cmd_string(e, "MODULE_PATH", module, 0)) ||
        (pin[0] && !ENGINE_ctrl_cmd_string(e, "PIN", pin, 0)) || !ENGINE_init(e))
        return NULL;
    key = ENGINE_load_private_key(e, uri, NULL, NULL);
    ENGINE_finish(e);
    return key;
}

static struct sign_key *open_token(const char *rest, const char *module, const char *secret,
                                   const char *part, struct situs_err *err)
{
    ENGINE_load_dynamic();
    ENGINE *e = ENGINE_by_id("pkcs11");
    if (!e)
        return refuse(SITUS_MISSING, part, "engine", "OpenSSL's engine pkcs11",
                      "install it: Debian calls it libengine-pkcs11-openssl", err);
    ERR_clear_error();
    EVP_PKEY *key = load(e, rest, module, secret);
    struct sign_key *k =
        key ? sign_key_new(key, part, err)
            : refuse(SITUS_NOT_ALLOWED, part, "key", "a private key in the token, and its PIN",
                     "look at token, object, module-path and PIN; p11tool --list-all or "
                     "pkcs11-tool -O shows what there is",
                     err);
    ENGINE_free(e);
    return k;
}

struct sign_key *sign_key_open(const char *uri, struct span pin, const char *part,
                               struct situs_err *err)
{
    char rest[ROOM] = "", module[ROOM] = "", secret[ROOM] = ""; /* a URI may hold the PIN, too */
    struct sign_key *k = NULL;
    if (!split(uri, rest, module) || pin.n >= ROOM ||
        memchr(pin.p ? pin.p : (const uint8_t *)"", 0, pin.n)) {
        refuse(SITUS_MALFORMED, part, "uri", "a PKCS #11 URI of less than 1024 bytes",
               "as pkcs11:token=NAME;object=NAME?module-path=/usr/lib/...so", err);
    } else if (!pin.n && !strstr(uri, "pin-value=") && !strstr(uri, "pin-source=")) {
        refuse(SITUS_MISSING, part, "passphrase", "the PIN of the token", NULL, err);
    } else {
        if (pin.n)
            memcpy(secret, pin.p, pin.n);
        k = open_token(rest, module, secret, part, err);
    }
    OPENSSL_cleanse(rest, sizeof rest);
    OPENSSL_cleanse(module, sizeof module);
    OPENSSL_cleanse(secret, sizeof secret);
    return k;
}

#else

struct sign_key *sign_key_open(const char *uri, struct span pin, const char *part,
                               struct situs_err *err)
{
    (void)uri, (void)pin;
    return refuse(SITUS_UNSUPPORTED, part, "engine", "an OpenSSL with engines",
                  "this OpenSSL has none: use a key in PEM, with a passphrase", err);
}

#endif
