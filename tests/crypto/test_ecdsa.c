/*
 * Wycheproof's vectors for ECDSA (crypto/wycheproof/ecdsa.txt) through our readers of signatures:
 * with tables and without, the answer is the one that is published.
 */
#include "support/ec_both.h"

#include "base/text.h"
#include "codec/der.h"
#include "crypto/digest.h"

#include <stdio.h>
#include <stdlib.h>

#define KEYS 256 /* different ones; the files share them */

static struct {
    uint8_t xy[96];
    size_t n;
    struct ec_both both;
} keys[KEYS];
static size_t n_keys;

/* What the lines before said. */
struct place {
    char name[64];
    size_t half;
    enum hash hash;
    bool der;
    const struct ec_both *key;
};

static const struct ec_both *find_key(struct span xy)
{
    for (size_t i = 0; i < n_keys; i++)
        if (keys[i].n == xy.n && memcmp(keys[i].xy, xy.p, xy.n) == 0)
            return &keys[i].both;
    assert_true(n_keys < KEYS && xy.n <= sizeof keys->xy);
    memcpy(keys[n_keys].xy, xy.p, xy.n);
    keys[n_keys].n = xy.n;
    keys[n_keys].both = ec_both_key(xy);
    return &keys[n_keys++].both;
}

static struct span bytes_of(uint8_t *out, size_t room, const char *hex)
{
    size_t n = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    assert_true(n <= room && text_hex_read(out, n, span_of(hex, 2 * n)));
    return span_of(out, n);
}

/* As crl_verify.c and intel/cert.c read DER, and verify_ecdsa_raw the other form. */
static bool read_signature(const struct place *at, struct span in, uint8_t *rs)
{
    struct situs_err err = {0};
    struct rd r = rd_new(in, 0, "signature", &err);
    if (at->der)
        return der_ecdsa(&r, rs, at->half, "") && rd_end(&r, "");
    if (in.n != 2 * at->half)
        return false;
    memcpy(rs, in.p, in.n);
    return true;
}

static bool holds(const struct place *at, struct span message, struct span in)
{
    uint8_t hash[HASH_MAX_SIZE], rs[96];
    assert_true(digest(at->hash, message, hash));
    if (!read_signature(at, in, rs))
        return false;
    const struct ec_signature s = {span_of(hash, hash_size(at->hash)), span_of(rs, at->half),
                                   span_of(rs + at->half, at->half)};
    return ec_both_verify(at->key, &s);
}

static void begin_file(struct place *at, const char *curve, const char *hash, const char *form)
{
    at->half = strcmp(curve, "P-384") == 0 ? 48 : 32;
    at->hash = strcmp(hash, "SHA-384") == 0 ? HASH_SHA384 : HASH_SHA256;
    at->der = strcmp(form, "der") == 0;
}

static void the_published_vectors_have_their_answers(void **state)
{
    (void)state;
    static char line[16384], word[4][16384];
    static uint8_t message[8192], signature[8192];
    FILE *f = fopen(SITUS_SOURCE_ROOT "/tests/crypto/wycheproof/ecdsa.txt", "r");
    size_t ran[2] = {0}, files = 0;
    struct place at = {.key = NULL};
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        int words =
            sscanf(line, "%*s %16383s %16383s %16383s %16383s", word[0], word[1], word[2], word[3]);
        if (strncmp(line, "file ", 5) == 0) {
            assert_int_equal(words, 4);
            snprintf(at.name, sizeof at.name, "%.63s", word[0]);
            begin_file(&at, word[1], word[2], word[3]);
            files++;
        } else if (strncmp(line, "key ", 4) == 0) {
            at.key = find_key(bytes_of(message, sizeof message, word[0]));
        } else if (line[0] != '#') {
            bool valid = strncmp(line, "valid ", 6) == 0;
            assert_int_equal(words, 3);
            bool ok = holds(&at, bytes_of(message, sizeof message, word[1]),
                            bytes_of(signature, sizeof signature, word[2]));
            if (ok != valid)
                fail_msg("%s: case %s is %s", at.name, word[0], ok ? "accepted" : "refused");
            ran[valid]++;
        }
    }
    fclose(f);
    assert_int_equal(files, 4); /* a file that was cut is not a pass */
    assert_int_equal(ran[0], 796);
    assert_int_equal(ran[1], 734);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_have_their_answers),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < n_keys; i++)
        ec_both_free(&keys[i].both);
    return failed;
}
