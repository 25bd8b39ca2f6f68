/* The honest SEV-SNP guest; see snp_guest.h. */
#include "support/snp_guest.h"

#include <stdlib.h>
#include <string.h>

void snp_lab_new(struct snp_lab *lab)
{
    lab->w = lab_world_new(SNP_GUEST_AT);
    lab->amd = lab_snp_new(lab->w);
    lab->ark = lab_snp_issuer(&lab->amd, LAB_SNP_ARK);
    lab->ask = lab_snp_issuer(&lab->amd, LAB_SNP_ASK);
    lab->asvk = lab_snp_issuer(&lab->amd, LAB_SNP_ASVK);
    lab->trust = lab_snp_trust(&lab->amd, lab->ark);
}

void snp_lab_free(struct snp_lab *lab)
{
    lab_snp_free(&lab->amd);
    lab_world_free(lab->w);
}

struct snp_lab snp_lab;

int snp_lab_setup(void **state)
{
    (void)state;
    snp_lab_new(&snp_lab);
    return 0;
}

int snp_lab_teardown(void **state)
{
    (void)state;
    snp_lab_free(&snp_lab);
    return 0;
}

struct snp_guest snp_guest_new(const struct snp_lab *lab, bool vlek)
{
    struct snp_guest g = {.lab = lab,
                          .cert = vlek ? lab_snp_vlek(&lab->amd) : lab_snp_vcek(&lab->amd),
                          .signs = vlek ? LAB_SNP_VLEK : LAB_SNP_VCEK,
                          .resign = vlek,
                          .issuer = vlek ? lab->asvk : lab->ask,
                          .ark = lab->ark,
                          .policy = SNP_GENUINE,
                          .at = SNP_GUEST_AT};
    lab_snp_report(&lab->amd, g.report);
    if (vlek) {
        g.report[0x48] = 1 << 2;         /* SIGNING_KEY */
        memset(g.report + 0x1a0, 0, 64); /* CHIP_ID is masked */
    }
    return g;
}

void snp_guest_set(struct snp_guest *g, size_t at, uint8_t value)
{
    g->report[at] = value;
    g->resign = true;
}

struct span snp_guest_table(const struct snp_guest *g, const struct span *certs, size_t n)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, SPAN_ARR(g->report));
    lab_buf_bytes(&b, lab_snp_table(&g->lab->amd, certs, n));
    return lab_world_keep(g->lab->w, &b);
}

static struct situs_item item(const char *name, struct span s)
{
    return (struct situs_item){name, s.p, s.n};
}

static size_t collateral(struct snp_guest *g, struct situs_item items[4])
{
    size_t n = 0;
    if (!g->vek.n)
        g->vek = lab_snp_cert(&g->lab->amd, &g->cert);
    if (g->ark.n)
        items[n++] = item("ark", g->ark);
    if (g->issuer.n)
        items[n++] = item("issuer", g->issuer);
    if (!g->no_vek && !g->in_table)
        items[n++] = item("vek", g->vek);
    if (g->crl.n)
        items[n++] = item("crl", g->crl);
    return n;
}

const struct situs_result *snp_guest_verify(struct snp_guest *g)
{
    static _Alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY], policy[SITUS_POLICY_MEMORY],
        trust[SITUS_TRUST_MEMORY], snapshot[1 << 20];
    struct situs_item items[4];
    struct situs_err err = {0};
    struct situs_request q = {.at = g->at, .nonce = g->nonce, .channel = g->channel};
    if (g->resign)
        lab_snp_sign(&g->lab->amd, g->signs, g->report);
    size_t n = collateral(g, items);
    q.evidence = item("report", g->in_table ? snp_guest_table(g, &g->vek, 1)
                                            : span_of(g->report, sizeof g->report));
    q.trust = situs_trust_read(item("trust", g->lab->trust),
                               (struct situs_memory){trust, sizeof trust}, &err);
    q.policy = situs_policy_read(item("policy", span_text(g->policy)),
                                 (struct situs_memory){policy, sizeof policy}, &err);
    if (!q.trust || !q.policy)
        lab_die("%s: %s: %s", err.field, err.expected, err.got);
    struct situs_snapshot *s = situs_snapshot_load(
        items, n, q.trust, (struct situs_memory){snapshot, sizeof snapshot}, &err);
    q.snapshot = s;
    const struct situs_result *r =
        s ? situs_verify(&q, (struct situs_memory){memory, sizeof memory})
          : situs_refused(&q, SITUS_INPUT_COLLATERAL, &err,
                          (struct situs_memory){memory, sizeof memory});
    situs_snapshot_free(s);
    if (!r)
        lab_die("no result");
    return r;
}
