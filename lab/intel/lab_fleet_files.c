/*
 * lab-fleet DIR [@UNIX]: writes the life of one machine for docs/LIFECYCLE.md, its tests and its
 * demo. DIR/<stage>/ holds what the machine has then (quote, PCK chain, Platform Manifest,
 * collateral); DIR/ the owner's key and certificates, and a trust file with the simulated Intel and
 * the owner.
 *
 *     delivered    as the supplier sends it
 *     recovered    after a TCB recovery: same PIID, new PCK certificate
 *     maintained   after new processors: same PRIDs but one, new PIID
 *     reset        after an SGX factory reset: new PIID
 *     basement     another machine, which nobody owns to
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/x509.h>

#include "lab/intel/lab_intel.h"
#include "lab/intel/lab_owner.h"

#define OWNER "Example Cloud"

static void put(const char *directory, const char *stage, const char *name, struct span bytes)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", directory, stage);
    if (n <= 0 || (size_t)n >= sizeof path - 64)
        lab_die("%s: too long", directory);
    mkdir(path, 0777); /* may exist */
    snprintf(path + n, sizeof path - (size_t)n, "/%s", name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
        lab_die("cannot write %s", path);
}

static void put_stage(struct lab_world *w, const char *directory, const char *stage,
                      const struct lab_platform *p, const struct lab_manifest *m)
{
    struct lab_quote quote = lab_quote_tdx(w, p, 4, LAB_BODY_TD10);
    struct lab_chain pck = lab_chain_pck(w, p);
    struct lab_collateral collateral = lab_collateral_honest(w, p, true);
    put(directory, stage, "quote.bin", lab_quote_make(w, &quote));
    put(directory, stage, "pck_chain.pem", lab_chain_pem(w, &pck));
    put(directory, stage, "manifest.bin", lab_manifest_make(w, m));
    put(directory, stage, "collateral.json", lab_collateral_json(w, &collateral));
}

/* instance is what changes when a platform is established anew: PIID, PPID, the PCK's key. */
static void instance(struct lab_platform *p, struct lab_manifest *m, unsigned n)
{
    struct lab_platform other = lab_platform_honest(n);
    memcpy(p->piid, other.piid, 16);
    memcpy(p->ppid, other.ppid, 16);
    memcpy(m->piid, other.piid, 16);
    p->pck_key = other.pck_key;
    p->attestation_key = other.attestation_key;
}

static void put_life(struct lab_world *w, const char *directory)
{
    struct lab_platform p = lab_platform_honest(0), stranger = lab_platform_honest(9);
    struct lab_manifest m = lab_manifest_honest(&p, 0), strange = lab_manifest_honest(&stranger, 9);
    put_stage(w, directory, "delivered", &p, &m);
    p.pcesvn++;
    put_stage(w, directory, "recovered", &p, &m);
    instance(&p, &m, 1);
    m.prid[1][15] = 0x77; /* a processor that the supplier sends as a spare part */
    put_stage(w, directory, "maintained", &p, &m);
    instance(&p, &m, 2);
    put_stage(w, directory, "reset", &p, &m);
    put_stage(w, directory, "basement", &stranger, &strange);
}

static void put_anchor(struct lab_buf *b, struct span der)
{
    struct lab_buf pem = {0};
    lab_pem(&pem, der);
    lab_buf_text(b,
                 ", {\"name\": \"" OWNER "\", \"for\": [\"poe\", \"list\"], \"simulated\": true, "
                 "\"pem\": ");
    lab_buf_json(b, lab_buf_span(&pem));
    lab_buf_text(b, "}]}\n");
    lab_buf_free(&pem);
}

static void put_owner(struct lab_world *w, const char *directory)
{
    struct lab_owner o = lab_owner_new(w, OWNER);
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(w));
    put_anchor(&b, o.root);
    put(directory, ".", "trust.json", lab_buf_span(&b));
    put(directory, ".", "owner.key.pem", o.key);
    put(directory, ".", "owner_certs.pem", o.chain);
    lab_buf_free(&b);
    uint8_t *spki = NULL;
    int n = i2d_PUBKEY(lab_key_pair(w, LAB_KEY_CHANNEL), &spki);
    if (n <= 0)
        lab_die("OpenSSL writes no key");
    put(directory, ".", "ek.spki.der", span_of(spki, (size_t)n));
    OPENSSL_free(spki);
}

int main(int argc, char **argv)
{
    char *end = NULL;
    int64_t at = argc > 2 && argv[2][0] == '@' ? strtoll(argv[2] + 1, &end, 10) : time(NULL);
    if (argc < 2 || argc > 3 || (argc > 2 && (end == NULL || end == argv[2] + 1 || *end != '\0'))) {
        fprintf(stderr, "lab-fleet: error: arguments\nlab-fleet: hint: lab-fleet DIR [@UNIX]\n");
        return 1;
    }
    struct lab_world *w = lab_world_new(at);
    mkdir(argv[1], 0777); /* may exist; the first file tells */
    put_owner(w, argv[1]);
    put_life(w, argv[1]);
    lab_world_free(w);
    return 0;
}
