/*
 * lab-intel DIR [@UNIX]: writes a simulated machine's quotes (TDX versions 4 and 5, SGX version 3),
 * its collateral, the trust file and the guest's channel key into DIR, all in date at the given
 * time (else now). For the demo, tests of the command line, and fuzz corpora.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lab/intel/lab_intel.h"

static FILE *create(const char *directory, const char *name)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
    if (f == NULL)
        lab_die("cannot write %s/%s", directory, name);
    return f;
}

static void put(const char *directory, const char *name, struct span bytes)
{
    FILE *f = create(directory, name);
    size_t n = fwrite(bytes.p, 1, bytes.n, f);
    if (fclose(f) != 0 || n != bytes.n)
        lab_die("cannot write %s/%s", directory, name);
}

static void put_channel_key(struct lab_world *w, const char *directory)
{
    EVP_PKEY *pair = lab_key_pair(w, LAB_KEY_CHANNEL);
    uint8_t *spki = NULL;
    int n = i2d_PUBKEY(pair, &spki);
    if (n <= 0)
        lab_die("OpenSSL writes no key");
    put(directory, "channel.spki.der", span_of(spki, (size_t)n));
    OPENSSL_free(spki);
    FILE *f = create(directory, "channel.key.pem");
    if (!PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL, NULL) || fclose(f) != 0)
        lab_die("cannot write %s/channel.key.pem", directory);
}

static void put_quotes(struct lab_world *w, const struct lab_platform *p, const char *directory)
{
    const struct {
        const char *name;
        struct lab_quote quote;
    } quotes[] = {
        {"quote.bin", lab_quote_tdx(w, p, 4, LAB_BODY_TD10)},
        {"quote-v5.bin", lab_quote_tdx(w, p, 5, LAB_BODY_TD15)},
        {"quote-v5-td10.bin", lab_quote_tdx(w, p, 5, LAB_BODY_TD10)},
        {"quote-sgx-v3.bin", lab_quote_sgx(w, p, 3)},
    };
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++)
        put(directory, quotes[i].name, lab_quote_make(w, &quotes[i].quote));
}

static void put_collateral(struct lab_world *w, const struct lab_platform *p, const char *directory)
{
    struct collateral_part parts[LAB_PARTS];
    struct lab_collateral tdx = lab_collateral_honest(w, p, true);
    struct lab_collateral sgx = lab_collateral_honest(w, p, false);
    lab_collateral_parts(w, &tdx, parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        put(directory, parts[i].name, parts[i].bytes);
    put(directory, "collateral.json", lab_collateral_json(w, &tdx));
    put(directory, "collateral-sgx.json", lab_collateral_json(w, &sgx));
    put(directory, "trust.json", lab_trust_json(w));
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3 || (argc == 3 && argv[2][0] != '@')) {
        fprintf(stderr, "usage: lab-intel DIR [@UNIX]\n");
        return 1;
    }
    int64_t at = argc == 3 ? strtoll(argv[2] + 1, NULL, 10) : (int64_t)time(NULL);
    struct lab_world *w = lab_world_new(at);
    struct lab_platform p = lab_platform_honest(0);
    mkdir(argv[1], 0777); /* may exist; the first file tells */
    put_quotes(w, &p, argv[1]);
    put_collateral(w, &p, argv[1]);
    put_channel_key(w, argv[1]);
    lab_world_free(w);
    return 0;
}
