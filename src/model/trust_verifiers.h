/*
 * Other verifiers whose tokens count, by the word of whoever wrote the trust file: each has a name, the
 * issuer that its tokens name, and the keys that it published (a JSON Web Key Set, RFC 7517 5). Their
 * keys are these and no others: nothing that a token brings or names is one.
 */
#ifndef SITUS_MODEL_TRUST_VERIFIERS_H
#define SITUS_MODEL_TRUST_VERIFIERS_H

#include "codec/json/json.h"
#include "crypto/jws.h"
#include "model/trust.h"

struct trust_verifier {
    struct anchor anchor; /* its name, and whether it is a lab's; it ends no chain */
    struct span issuer;   /* "iss" of its tokens, whole (RFC 7519 4.1.1) */
    const struct jws_rsa *keys;
    size_t n_keys;
};

/*
 * trust_verifiers_read reads the member "verifiers" of a trust file: an array of {"name", "issuer", "jwks":
 * {"keys": [...]}, "simulated"}. A key is n and e (AQAB), or else the first certificate of x5c; it has a
 * kid. Keys that are not for RS256 signatures are passed over, as the RFC has it, but a set without one is
 * an error; so are one of another size, one with a private part, and two verifiers of one name or issuer.
 */
bool trust_verifiers_read(const struct json *array, struct trust *trust, struct arena *a,
                          struct situs_err *err);

/* trust_verifier_find is the one of this issuer, or NULL. */
const struct trust_verifier *trust_verifier_find(const struct trust *trust, struct span issuer);

#endif
