/* Words from elsewhere; see word.h. */
#include "fetch/word.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "endorse/id_list/id_list.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/revocation/revocation.h"
#include "situs/door.h"

#include <stdio.h>
#include <stdlib.h>

bool word_in_time(struct window valid, const char *name, int64_t at, struct situs_err *err)
{
    if (at > valid.to)
        return err_fail(err, SITUS_EXPIRED, name, "valid until", SITUS_NO_OFFSET, TEXT_TIME(at),
                        TEXT_TIME(valid.to));
    return at >= valid.from || err_fail(err, SITUS_NOT_YET_VALID, name, "valid from",
                                        SITUS_NO_OFFSET, TEXT_TIME(at), TEXT_TIME(valid.from));
}

/* set_whose names the signer for people, and what else must stay the same by its hash. */
static bool set_whose(struct word *w, const char *signer, struct span what, struct situs_err *err)
{
    uint8_t sha256[32];
    bool ok = digest(HASH_SHA256, what, sha256);
    snprintf(w->whose, sizeof w->whose, "%s, %s", signer, ok ? TEXT_HEX(SPAN_ARR(sha256)) : "");
    return ok || err_fail(err, SITUS_INTERNAL, w->what, "sha256", SITUS_NO_OFFSET, NULL, NULL);
}

/* signed_by verifies a list under the anchors of one use, and says who signed it. */
static bool signed_by(const struct signed_doc *doc, const struct word_rules *rules,
                      enum anchor_use use, struct signed_doc_signer *signer, struct arena *a,
                      struct situs_err *err)
{
    const struct signed_doc_rules asked = {
        .trust = door_trust(rules->trust), .use = use, .at = rules->at};
    return signed_doc_verify(doc, &asked, signer, a, err);
}

static bool list_holds(struct word *w, const struct id_list *l, const struct word_rules *rules,
                       struct arena *a, struct situs_err *err)
{
    struct signed_doc_signer signer = {.anchor = NULL};
    char name[SIGNED_DOC_SUBJECT + 20];
    w->valid = l->valid;
    w->number = l->number;
    if (!signed_by(&l->doc, rules, ANCHOR_LIST, &signer, a, err))
        return false;
    snprintf(name, sizeof name, "%s, %s", signer.subject, l->kind ? "CHIP_ID" : "PPID");
    return set_whose(w, name, l->facility, err);
}

/* A revocation list is of whoever vouches: by endorsements, or by lists. */
static bool revocation_holds(struct word *w, const struct revocation *r,
                             const struct word_rules *rules, struct arena *a, struct situs_err *err)
{
    struct situs_err ignored = {0};
    struct signed_doc_signer signer = {.anchor = NULL};
    w->valid = r->valid;
    w->number = r->number;
    return (signed_by(&r->doc, rules, ANCHOR_POE, &signer, a, &ignored) ||
            signed_by(&r->doc, rules, ANCHOR_LIST, &signer, a, err)) &&
           set_whose(w, signer.subject, (struct span){0}, err);
}

static bool poe_holds(struct word *w, const struct poe *p, const struct word_rules *rules,
                      struct arena *a, struct situs_err *err)
{
    static const enum check rows[] = {CHECK_POE_SIGNATURE, CHECK_POE_WINDOW};
    struct claims *claims = ARENA_NEW(a, struct claims);
    struct findings *findings = ARENA_NEW(a, struct findings);
    const struct poe_question q = {
        .poe = p, .trust = door_trust(rules->trust), .at = rules->at, .part = "POE"};
    w->valid = p->validity;
    w->refresh = p->refresh_uri;
    if (!set_whose(w, TEXT_CUT(p->iss), p->piid, err))
        return false;
    if (!claims || !findings)
        return err_fail(err, SITUS_NO_MEMORY, "POE", "", SITUS_NO_OFFSET, NULL, NULL);
    findings->arena = a;
    claims->instance = POE_INSTANCE;
    if (!word_in_time(w->valid, "POE", rules->at, err)) /* outside of it nothing is verified */
        return false;
    poe_verify(&q, a, claims, findings);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct finding *f = &findings->v[rows[i]];
        if (f->outcome == OUTCOME_PASS)
            continue;
        if (f->why)
            *err = *f->why;
        else
            err_fail(err, SITUS_UNTRUSTED, "POE", "", SITUS_NO_OFFSET, NULL, NULL);
        return false;
    }
    return true;
}

/* A CRL names its issuer, whose key must be an anchor's or that of the certificate that was given. */
static bool crl_holds(struct word *w, struct situs_endorsements *e, const struct word_rules *rules,
                      struct situs_err *err)
{
    struct x509_crls *crls = &e->words.crls;
    const struct x509_crl *c = &crls->v[0];
    w->valid = c->crl.valid;
    if (c->why.code != SITUS_NONE) {
        *err = c->why;
        return false;
    }
    if (!c->judged && rules->issuer.n)
        x509_crls_know(crls, rules->issuer);
    if (c->judged)
        return set_whose(w, TEXT_HEX(c->crl.authority_key_id), c->crl.issuer, err);
    if (c->bad.code != SITUS_NONE)
        *err = c->bad;
    else
        err_fail(err, SITUS_UNTRUSTED, "CRL", "issuer", SITUS_NO_OFFSET,
                 "a CRL of an anchor, or of the certificate that was given", "another's");
    return err_hint(err, "name the certificate of the CA that signs it: --issuer FILE");
}

static bool holds(struct word *w, const struct word_rules *rules, struct arena *a,
                  struct situs_err *err)
{
    struct situs_endorsements *all = w->loaded.endorsements;
    const struct endorsement *e = &all->words.v[0];
    w->what = endorsement_row(e->kind)->what;
    w->valid = (struct window){INT64_MIN, INT64_MAX};
    switch (e->kind) {
    case ENDORSEMENT_POE:
        return poe_holds(w, e->doc, rules, a, err);
    case ENDORSEMENT_LIST:
        return list_holds(w, e->doc, rules, a, err);
    case ENDORSEMENT_REVOCATION:
        return revocation_holds(w, e->doc, rules, a, err);
    case ENDORSEMENT_CRL:
        return crl_holds(w, all, rules, err);
    case ENDORSEMENT_GOOGLE_HOST: /* nobody signs it: the way it came is all that it is worth */
        return true;
    default:
        return err_fail(err, SITUS_UNSUPPORTED, w->what, "", SITUS_NO_OFFSET,
                        "an endorsement, machine list, revocation list, CRL or host document",
                        w->what);
    }
}

bool word_read(struct word *w, const struct situs_item *item, const struct word_rules *rules,
               struct situs_err *err)
{
    void *memory = malloc(VERIFICATION_ARENA);
    struct arena a = arena_new(memory, memory ? VERIFICATION_ARENA : 0);
    *w = (struct word){.what = "nothing"};
    bool ok = load_endorsements(&w->loaded, item, 1, rules->trust, err) &&
              holds(w, rules, &a, err) && word_in_time(w->valid, w->what, rules->at, err);
    free(memory);
    return ok;
}

bool word_follows(const struct word *w, const struct word *before, struct situs_err *err)
{
    if (strcmp(w->what, before->what) != 0 || strcmp(w->whose, before->whose) != 0) {
        err_fail(err, SITUS_MISMATCH, w->what, "signer", SITUS_NO_OFFSET, before->whose, w->whose);
        return err_hint(err, "the source gives another one than before; if it is meant, take the "
                             "old file away");
    }
    if (w->number < before->number)
        err_fail(err, SITUS_MISMATCH, w->what, "number", SITUS_NO_OFFSET, TEXT_NUM(before->number),
                 TEXT_NUM(w->number));
    else if (w->valid.from < before->valid.from)
        err_fail(err, SITUS_MISMATCH, w->what, "valid from", SITUS_NO_OFFSET,
                 TEXT_TIME(before->valid.from), TEXT_TIME(w->valid.from));
    else
        return true;
    return err_hint(err, "the source gives an older one than is held: try again later, or ask "
                         "another");
}

void word_free(struct word *w)
{
    load_endorsements_free(&w->loaded);
    *w = (struct word){.what = NULL};
}
