/* The table of attacks, and how a row is run; see lab_attacks.h. */
#include "lab/attacks/lab_attacks.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#define ACCEPTS LAB_ACCEPTS
#define REFUSES LAB_REFUSES
#define SILENT LAB_SILENT

static const struct lab_attack_row rows[] = {
#define ATTACK(id, scenario, tee, article, name, what, checks)     \
    {LAB_REFUSED, #id,  LAB_##scenario, attack_##id, tee, article, \
     name,        what, NULL,           (checks),    0,   NULL},
#define AGAIN(kind, id, scenario, tee, article, name, what, checks)         \
    {LAB_REFUSED, #kind "_" #id, LAB_##scenario, attack_##id, tee, article, \
     name,        what,          NULL,           (checks),    0,   NULL},
#define REFUSED_BY_TPM(id, scenario, tee, article, name, what, checks, rc) \
    {LAB_REFUSED, #id,  LAB_##scenario, attack_##id, tee, article,         \
     name,        what, NULL,           (checks),    rc,  NULL},
#define REFUSED_UNREAD(id, scenario, tee, article, name, what, item) \
    {LAB_REFUSED, #id, LAB_##scenario, attack_##id, tee, article, name, what, NULL, 0, 0, item},
#define UNDEFENDED(id, scenario, tee, article, name, what, party) \
    {LAB_UNDEFENDED, #id, LAB_##scenario, attack_##id, tee, article, name, what, party, 0, 0, NULL},
#define LATER(name, what) \
    {LAB_LATER, NULL, LAB_MANAGED, NULL, REFUSES, REFUSES, name, what, NULL, 0, 0, NULL},
#include "lab/attacks/attacks.def"
};

const struct lab_attack_row *lab_attacks_at(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

static struct lab_attack run(struct lab_stage *s, struct lab_judge *j,
                             const struct lab_attack_row *row, bool honest, enum lab_dialect d)
{
    struct lab_attack x = {
        .s = s, .j = j, .tee = lab_judge_kind(row->scenario), .d = d, .honest = honest};
    if (RAND_bytes(x.nonce, sizeof x.nonce) != 1)
        lab_die("no random bytes");
    lab_judge_old(j, false);
    row->attack(&x);
    return x;
}

static void clear(struct lab_attack *x)
{
    lab_vm_free(&x->vm);
    lab_host_free(&x->host);
    lab_metal_free(&x->metal);
    lab_chip_off(&x->vtpm);
}

const struct lab_attack_row *lab_attacks_find(const char *id)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].id && strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

/* Takes the word of this name away. */
static void leave_out(struct lab_evidence *e, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->n_words; i++)
        if (strcmp(e->word[i].name, name) != 0)
            e->word[kept++] = e->word[i];
    e->n_words = kept;
}

static enum lab_says says(bool accepts)
{
    return accepts ? LAB_ACCEPTS : LAB_REFUSES;
}

/* What the verifiers say who leave an unread item out: two judges read no word about a machine, and
 * situs did so once. */
static void rule_without_item(struct lab_ruling *ruling, struct lab_judge *j,
                              const struct lab_attack_row *row, const struct lab_evidence *e)
{
    struct lab_evidence rest = *e;
    leave_out(&rest, row->unread);
    const struct result *r = lab_judge_situs(j, row->scenario, &rest);
    ruling->tee = says(lab_judge_tee(r));
    ruling->without = r->verdict == VERDICT_TRUSTED;
}

/* The article literally is about TDs with a TPM. */
static enum lab_says says_article(struct lab_stage *s, struct lab_judge *j,
                                  const struct lab_attack_row *row, bool honest)
{
    if (lab_judge_kind(row->scenario) != KIND_TDX || row->scenario == LAB_AZURE)
        return LAB_SILENT; /* nor of a TD whose registers are zero */
    struct lab_attack x = run(s, j, row, honest, LAB_ARTICLE);
    if (row->unread)
        leave_out(&x.e, row->unread);
    bool accepts = lab_judge_article(lab_judge_situs(j, row->scenario, &x.e), &x.e);
    clear(&x);
    return says(accepts);
}

struct lab_ruling lab_attacks_run(struct lab_stage *s, struct lab_judge *j,
                                  const struct lab_attack_row *row, bool honest)
{
    struct lab_ruling ruling = {.article = says_article(s, j, row, honest)};
    struct lab_attack x = run(s, j, row, honest, LAB_SITUS);
    if (row->unread)
        rule_without_item(&ruling, j, row, &x.e);
    const struct result *r = lab_judge_situs(j, row->scenario, &x.e);
    ruling.result = r;
    ruling.bundle = x.e.wire.n ? x.e.wire : lab_judge_bundle(j, &x.e);
    memcpy(ruling.nonce, x.nonce, sizeof ruling.nonce);
    ruling.peer = x.e.peer;
    memcpy(ruling.word, x.e.word, sizeof ruling.word);
    ruling.n_words = x.e.n_words;
    ruling.situs = r->verdict == VERDICT_TRUSTED;
    ruling.refusing = r->err_in_request ? 0 : lab_judge_refusing(r);
    if (!row->unread) {
        ruling.tee = says(lab_judge_tee(r));
        ruling.without = lab_judge_without(r, row->checks);
    }
    ruling.refused = x.refused;
    ruling.trip = x.trip;
    clear(&x);
    return ruling;
}

/* TPM 2.0 part 2, 6.6.3: a session's or a parameter's number is added to the code. */
const char *lab_attacks_rc(uint32_t rc, char text[48])
{
    static const struct {
        uint32_t rc;
        const char *name;
    } names[] = {
        {0x000, "TPM_RC_SUCCESS"},
        {0x1df, "TPM_RC_INTEGRITY"}, /* of parameter 1 */
        {0x907, "TPM_RC_LOCALITY"},
        {0x99d, "TPM_RC_POLICY_FAIL"}, /* of session 1 */
    };
    const char *name = "response code";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].rc == rc)
            name = names[i].name;
    snprintf(text, 48, "%s (0x%x)", name, rc);
    return text;
}

static bool refused_by_tpm(const struct lab_refusals *refused, uint32_t rc)
{
    for (size_t i = 0; i < refused->n; i++)
        if (refused->v[i].rc != rc)
            return false;
    return (refused->n > 0) == (rc != 0);
}

bool lab_attacks_unread(const struct lab_attack_row *row, const struct lab_ruling *r)
{
    return row->unread && r->result->err_in_request &&
           strcmp(r->result->err.part, row->unread) == 0;
}

bool lab_attacks_as_expected(const struct lab_attack_row *row, const struct lab_ruling *r)
{
    return r->situs == (row->outcome == LAB_UNDEFENDED) && r->refusing == row->checks &&
           r->without && r->tee == row->tee && r->article == row->article &&
           refused_by_tpm(&r->refused, row->rc) &&
           r->result->err_in_request == (row->unread != NULL) &&
           (!row->unread || lab_attacks_unread(row, r));
}
