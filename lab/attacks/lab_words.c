/* Makers of endorsements and lists; see lab_words.h. */
#include "lab/attacks/lab_words.h"

#include <stdlib.h>

#include "endorse/id_list/id_list_write.h"
#include "endorse/poe/poe_write.h"
#include "endorse/revocation/revocation_write.h"
#include "lab/intel/lab_cert.h"

#define POE_ROOM 8192
#define PLANS 8

struct window lab_words_days(const struct lab_stage *s, int from, int to)
{
    int64_t at = lab_world_at(s->w);
    return (struct window){at + from * LAB_DAY, at + to * LAB_DAY};
}

static void must(bool good, const struct situs_err *err)
{
    if (!good)
        lab_die("%s %s: expected %s, got %s", err->part, err->field, err->expected, err->got);
}

static struct sign_key *key_of(const struct lab_owner *o)
{
    struct situs_err err = {0};
    struct sign_key *key = sign_key_read(o->key, "owner", &err);
    must(key, &err);
    return key;
}

static bool put(void *to, struct span bytes)
{
    lab_buf_bytes((struct lab_buf *)to, bytes);
    return true;
}

struct span lab_words_poe(struct lab_stage *s, const struct lab_owner *issuer,
                          const uint8_t piid[16], const char *owner, struct window valid)
{
    uint8_t room[POE_ROOM];
    struct wr w = wr_new(room, sizeof room);
    struct situs_err err = {0};
    struct lab_buf b = {0};
    struct sign_key *key = key_of(issuer);
    const struct poe_terms terms = {.piid = span_of(piid, 16),
                                    .owner = span_text(owner),
                                    .not_before = valid.from,
                                    .not_after = valid.to,
                                    .certs = &issuer->leaf,
                                    .n_certs = issuer->n_certs};
    must(poe_write(&w, &terms, key, "endorsement", &err), &err);
    sign_key_free(key);
    lab_buf_bytes(&b, wr_span(&w));
    return lab_world_keep(s->w, &b);
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, 64);
}

struct span lab_words_list(struct lab_stage *s, const struct lab_owner *signer, uint64_t number,
                           enum check_kind tee, unsigned places, struct window valid)
{
    uint8_t ids[PLACES][64] = {{0}};
    size_t n = 0, size = tee == KIND_SNP ? 64 : 16;
    struct situs_err err = {0};
    struct lab_buf b = {0};
    struct id_list_writer w;
    struct sign_key *key = key_of(signer);
    const struct signed_doc_issuer by = {&signer->leaf, signer->n_certs, key};
    for (unsigned i = 0; i < PLACES; i++)
        if (places >> i & 1)
            memcpy(ids[n++], tee == KIND_SNP ? s->chip[i].vcek.chip : s->cpu[i].platform.ppid,
                   size);
    qsort(ids, n, sizeof *ids, by_id);
    const struct id_list_meta meta = {.number = number,
                                      .valid = valid,
                                      .owner = SPAN_LIT(LAB_WORDS_OWNER),
                                      .facility = SPAN_LIT("lab-hall-1"),
                                      .kind = tee == KIND_SNP ? LISTING_CHIP_ID : LISTING_PPID,
                                      .count = n};
    must(id_list_write_begin(&w, &meta, &by, put, &b, &err), &err);
    for (size_t i = 0; i < n; i++)
        must(id_list_write_add(&w, span_of(ids[i], size), &err), &err);
    must(id_list_write_end(&w, &err), &err);
    sign_key_free(key);
    return lab_world_keep(s->w, &b);
}

static int by_record(const void *a, const void *b)
{
    const struct lab_revoked *x = (const struct lab_revoked *)a;
    const struct lab_revoked *y = (const struct lab_revoked *)b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return memcmp(x->id, y->id, x->size);
}

/* The groups of sorted records. */
static size_t plan(const struct lab_revoked *v, size_t n, struct revocation_plan plans[PLANS])
{
    size_t groups = 0;
    for (size_t i = 0; i < n; i++) {
        struct revocation_plan *last = groups ? &plans[groups - 1] : NULL;
        if (last && last->kind == v[i].kind && last->size == v[i].size) {
            last->count++;
            continue;
        }
        if (groups == PLANS)
            lab_die("more kinds of revoked ids than the lab writes");
        plans[groups++] = (struct revocation_plan){v[i].kind, v[i].size, 1};
    }
    return groups;
}

struct span lab_words_revocations(struct lab_stage *s, const struct lab_owner *issuer,
                                  uint64_t number, struct lab_revoked *v, size_t n,
                                  struct window valid)
{
    struct revocation_plan plans[PLANS];
    struct situs_err err = {0};
    struct lab_buf b = {0};
    struct revocation_writer w;
    struct sign_key *key = key_of(issuer);
    const struct signed_doc_issuer by = {&issuer->leaf, issuer->n_certs, key};
    if (n)
        qsort(v, n, sizeof *v, by_record);
    const struct revocation_meta meta = {.number = number,
                                         .valid = valid,
                                         .issuer = SPAN_LIT("the lab's issuer"),
                                         .plans = plans,
                                         .n_plans = plan(v, n, plans)};
    must(revocation_write_begin(&w, &meta, &by, put, &b, &err), &err);
    for (size_t i = 0; i < n; i++)
        must(revocation_write_add(&w, span_of(v[i].id, v[i].size), v[i].reason, v[i].at, &err),
             &err);
    must(revocation_write_end(&w, &err), &err);
    sign_key_free(key);
    return lab_world_keep(s->w, &b);
}

void lab_words_add(struct lab_evidence *e, const char *name, struct span bytes)
{
    if (e->n_words == LAB_WORDS)
        lab_die("more words than the lab shows to a verifier");
    e->word[e->n_words++] = (struct lab_word){name, bytes};
}

void lab_words_send(struct lab_evidence *e, const char *label, enum item_kind kind,
                    struct span bytes)
{
    if (e->n_sent == LAB_SENT)
        lab_die("more items than a bundle of the lab carries");
    e->sent[e->n_sent++] = (struct lab_sent){label, kind, bytes};
}
