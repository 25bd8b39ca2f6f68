/*
 * Signatures of a list on standard input, each as src/crypto answers: what wycheproof.py asks. A line is SCHEME (rsassa, rsapss,
 * der, raw), HASH, SubjectPublicKeyInfo, MESSAGE and SIGNATURE, these three in hex ("-" is empty); an answer is yes or no, or key
 * where the key is not taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/der.h"
#include "crypto/verify.h"

#define TEXT 65536

static struct span bytes_of(const char *hex)
{
    size_t n = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    uint8_t *out = malloc(n + 1); /* of a line; the program ends with the list */
    if (!out || !text_hex_read(out, n, span_of(hex, 2 * n)))
        abort();
    return span_of(out, n);
}

static enum hash hash_of(const char *name)
{
    for (enum hash h = HASH_SHA256; h <= HASH_SHA512; h++)
        if (strcmp(name, h == HASH_SHA256   ? "SHA-256"
                         : h == HASH_SHA384 ? "SHA-384"
                                            : "SHA-512") == 0)
            return h;
    abort();
}

/* As intel/cert.c reads DER, and verify_ecdsa_raw the other form. */
static bool holds_ec(const struct public_key *key, bool der, enum hash hash, struct span message,
                     struct span in)
{
    uint8_t rs[VERIFY_POINT_MAX];
    struct situs_err err = {0};
    struct rd r = rd_new(in, 0, "signature", &err);
    size_t half = verify_key_on(key, CURVE_P256) ? 32 : 48;
    if (!der)
        return in.n == 2 * half &&
               verify_ecdsa(key, hash, message, span_of(in.p, half), span_of(in.p + half, half));
    return der_ecdsa(&r, rs, half, "") && rd_end(&r, "") &&
           verify_ecdsa(key, hash, message, span_of(rs, half), span_of(rs + half, half));
}

int main(void)
{
    static char line[TEXT], word[5][TEXT];
    while (fgets(line, sizeof line, stdin)) {
        struct situs_err err = {0};
        if (sscanf(line, "%65535s %65535s %65535s %65535s %65535s", word[0], word[1], word[2],
                   word[3], word[4]) != 5)
            return 1;
        struct public_key *key = verify_key_spki(bytes_of(word[2]), "key", &err);
        struct span message = bytes_of(word[3]), in = bytes_of(word[4]);
        bool rsa = strncmp(word[0], "rsa", 3) == 0, ok = false;
        if (key && verify_key_is_rsa(key) == rsa && rsa)
            ok = verify_rsa(key, strcmp(word[0], "rsapss") == 0 ? SCHEME_RSAPSS : SCHEME_RSASSA,
                            hash_of(word[1]), message, in);
        else if (key && verify_key_is_rsa(key) == rsa)
            ok = holds_ec(key, strcmp(word[0], "der") == 0, hash_of(word[1]), message, in);
        puts(!key ? "key" : ok ? "yes" : "no");
        verify_key_free(key);
    }
    return 0;
}
