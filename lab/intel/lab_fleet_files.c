/*
 * lab-fleet DIR [@UNIX]: writes the life of one machine for docs/LIFECYCLE.md, its tests and its
 * demo. DIR/<stage>/ holds what the machine has then (quote, PCK chain, Platform Manifest,
 * collateral); DIR/ the owner's key and certificates, a trust file with the simulated Intel and the
 * owner, the guest's channel key, the challenge that its quotes answer, and the policy of somebody
 * who demands a live guest on a machine of this owner.
 *
 *     delivered    as the supplier sends it
 *     recovered    after a TCB recovery: same PIID, new PCK certificate
 *     maintained   after new processors: same PRIDs but one, new PIID
 *     reset        after an SGX factory reset: new PIID
 *     basement     another machine, which nobody vouches for
 *     second       another machine of the owner's
 *     third        one more
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/x509.h>

#include "appraise/bind.h"
#include "base/text.h"
#include "lab/intel/lab_intel.h"
#include "lab/intel/lab_owner.h"
#include "lab/intel/lab_reference.h"

#define ANCHOR "Example Cloud"
#define OWNER "Example Cloud, Inc."

/* The challenge, the same for all stages: each stands for one visit of a relying party. */
static const uint8_t nonce[BIND_NONCE_SIZE] = "a challenge of the lab's visitor";

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

/* channel is the guest's public key, DER. */
static struct span channel(struct lab_world *w)
{
    struct lab_buf b = {0};
    uint8_t *spki = NULL;
    int n = i2d_PUBKEY(lab_key_pair(w, LAB_KEY_CHANNEL), &spki);
    if (n <= 0)
        lab_die("OpenSSL writes no key");
    lab_buf_bytes(&b, span_of(spki, (size_t)n));
    OPENSSL_free(spki);
    return lab_world_keep(w, &b);
}

/* quote_of is the quote of the machine's guest for the challenge and its channel: DESIGN: messages;
 * without a TPM. */
static struct lab_quote quote_of(struct lab_world *w, const struct lab_platform *p)
{
    struct lab_quote q = lab_quote_tdx(w, p, 4, LAB_BODY_TD10);
    const uint8_t no_ak[32] = {0};
    uint8_t k[32];
    lab_hash256(k, channel(w));
    if (!bind_report_data(no_ak, nonce, k, q.td.report_data))
        lab_die("OpenSSL hashes nothing");
    return q;
}

static void put_policy(struct lab_world *w, const char *directory, const struct lab_quote *q)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"simulated\": true, \"scenario\": \"managed\",\n"
                     " \"require\": [\"genuine\", \"live\", \"owned\"],\n"
                     " \"ref.guest\": {\"images\": [");
    lab_reference(&b, "lab", SPAN_ARR(q->td.mr_td), q->td.rtmr, NULL, 0);
    lab_buf_text(&b, "]},\n \"poe.owner\": {\"allow\": [\"" ANCHOR "=" OWNER "\"]}}\n");
    put(directory, ".", "policy.json", lab_buf_span(&b));
    lab_buf_free(&b);
    lab_buf_hex_lower(&b, SPAN_ARR(nonce));
    put(directory, ".", "nonce.hex", lab_buf_span(&b));
    lab_buf_free(&b);
    put(directory, ".", "channel.spki.der", channel(w));
}

static void put_stage(struct lab_world *w, const char *directory, const char *stage,
                      const struct lab_platform *p, const struct lab_manifest *m)
{
    struct lab_quote quote = quote_of(w, p);
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

static void put_other(struct lab_world *w, const char *directory, const char *stage, unsigned n)
{
    struct lab_platform p = lab_platform_honest(n);
    struct lab_manifest m = lab_manifest_honest(&p, n);
    put_stage(w, directory, stage, &p, &m);
}

static void put_life(struct lab_world *w, const char *directory)
{
    struct lab_platform p = lab_platform_honest(0);
    struct lab_manifest m = lab_manifest_honest(&p, 0);
    struct lab_quote quote = quote_of(w, &p);
    put_policy(w, directory, &quote);
    put_stage(w, directory, "delivered", &p, &m);
    p.pcesvn++;
    put_stage(w, directory, "recovered", &p, &m);
    instance(&p, &m, 1);
    m.prid[1][15] = 0x77; /* a processor that the supplier sends as a spare part */
    put_stage(w, directory, "maintained", &p, &m);
    instance(&p, &m, 2);
    put_stage(w, directory, "reset", &p, &m);
    put_other(w, directory, "basement", 9);
    put_other(w, directory, "second", 7);
    put_other(w, directory, "third", 8);
}

static void put_owner(struct lab_world *w, const char *directory)
{
    struct lab_owner o = lab_owner_new(w, ANCHOR);
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(w));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_owner_anchor(w, &o, ANCHOR));
    lab_buf_text(&b, "]}\n");
    put(directory, ".", "trust.json", lab_buf_span(&b));
    put(directory, ".", "owner.key.pem", o.key);
    put(directory, ".", "owner_certs.pem", o.chain);
    lab_buf_free(&b);
    put(directory, ".", "ek.spki.der", channel(w)); /* any key will do */
}

int main(int argc, char **argv)
{
    uint64_t at = (uint64_t)time(NULL);
    if (argc < 2 || argc > 3 || argv[1][0] == '-' ||
        (argc > 2 &&
         (argv[2][0] != '@' || !text_number(span_text(argv[2] + 1), 0, INT64_MAX, &at)))) {
        fprintf(stderr, "lab-fleet: error: arguments\nlab-fleet: hint: lab-fleet DIR [@UNIX]\n");
        return 1;
    }
    struct lab_world *w = lab_world_new((int64_t)at);
    mkdir(argv[1], 0777); /* may exist; the first file tells */
    put_owner(w, argv[1]);
    put_life(w, argv[1]);
    lab_world_free(w);
    return 0;
}
