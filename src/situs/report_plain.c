/* The answer for somebody who knows none of the words of the rest; see report.h. */
#include "appraise/verdict.h"
#include "base/letters.h"
#include "base/text.h"
#include "base/time.h"
#include "model/trust_places.h"
#include "situs/door.h"
#include "situs/report.h"

#define NAME_MAX_SIZE 120 /* bytes of one name in the sentence, before what says that it was cut */

static const char *const plain[CHECK_COUNT] = {
#define PLAIN(check, words) [CHECK_##check] = words,
#include "situs/plain.def"
};

static const char *const barred[CHECK_COUNT] = {
#define BARRED(check, words) [CHECK_##check] = words,
#include "situs/plain.def"
};

#define PROOFS_MOST (8 * sizeof(unsigned))

static const char *const opens[PROOFS_MOST] = {
#define OPEN(proof, words) [PROOF_NUMBER_##proof] = words,
#include "situs/plain.def"
};

static const char *const breaks[PROOFS_MOST] = {
#define BREAK(proof, words) [PROOF_NUMBER_##proof] = words,
#include "situs/plain.def"
};

static const struct of_party {
    const char *role, *root, *words;
} of_parties[] = {
#define PARTY(role, root, words) {role, root, words},
#include "situs/plain.def"
};

/* name writes a name of policy or trust file, between quotation marks. */
static void name(struct wr *w, struct span s)
{
    wr_text(w, "\u201c");
    letters_show(w, s, NAME_MAX_SIZE);
    wr_text(w, "\u201d");
}

/* second is what the policy pairs with the anchor where it is this text: the policy's own bytes. */
static struct span second(const struct policy *p, enum param id, const struct anchor *by,
                          struct span text)
{
    const struct param_value *v = &p->v[id];
    for (size_t i = 0; by && i < v->n; i++) {
        struct span right = v->words[i], left = text_field(&right, '=');
        if (span_equal(left, span_text(by->name)) && span_equal(right, text))
            return right;
    }
    return span_of(NULL, 0);
}

static struct span claimed(const struct claims *set, enum claim_id id)
{
    const struct claim *c = claims_get(set, id);
    return c ? c->bytes : span_of(NULL, 0);
}

/* Who answers for the machine, as policy or trust file call him. */
static bool say_whose(struct wr *w, const struct result *r, unsigned held)
{
    const struct claims *poe = &r->claims[INSTANCE_POE], *list = &r->claims[INSTANCE_LIST];
    const struct anchor *tpm = r->policy->scenario == SCENARIO_BARE_METAL
                                   ? r->claims[INSTANCE_PLATFORM].authority
                                   : r->claims[INSTANCE_GUEST].authority;
    struct span owner = {0};
    if (held & PROOF_OWNED)
        owner = second(r->policy, PARAM_POE_OWNER_ALLOW, poe->authority, claimed(poe, CLAIM_OWNER));
    if (owner.n) {
        wr_text(w, " on a machine of ");
        name(w, owner);
    } else if (held & PROOFS_BOUND && tpm) {
        wr_text(w, " on a machine that ");
        name(w, span_text(tpm->name));
        wr_text(w, " vouches for");
    } else if (held & PROOF_LISTED && list->authority) {
        wr_text(w, " on a machine on the list of ");
        name(w, span_text(list->authority->name));
        owner = second(r->policy, PARAM_LIST_ALLOW, list->authority, claimed(list, CLAIM_OWNER));
        if (owner.n) {
            wr_text(w, " of machines of ");
            name(w, owner);
        }
    }
    return owner.n || (held & PROOFS_BOUND && tpm) || held & PROOF_LISTED;
}

/* Who may say where a machine is, and whose words for it the policy has. */
static const struct where {
    unsigned proofs;
    enum instance in;
    enum claim_id claim;
    enum param policy;
    bool paired;
} wheres[] = {{PROOFS_BOUND, INSTANCE_PLATFORM, CLAIM_FACILITY, PARAM_AK_ALLOW, true},
              {PROOFS_BOUND, INSTANCE_GUEST, CLAIM_FACILITY, PARAM_AK_ALLOW, true},
              {PROOFS_BOUND, INSTANCE_GUEST, CLAIM_GCE_ZONE, PARAM_AK_ZONES, false},
              {PROOF_LISTED, INSTANCE_LIST, CLAIM_FACILITY, PARAM_LIST_FACILITIES, false}};

/* place is the name that the trust file has for it, else the policy's own word; empty: neither. */
static struct span place(const struct situs_result *r, const struct where *at)
{
    const struct claims *set = &r->result.claims[at->in];
    struct span said = claimed(set, at->claim);
    if (!said.n)
        return said;
    const struct trust_place *known = trust_place(door_trust(r->asked.trust), set->authority, said);
    if (known)
        return span_text(known->name);
    if (at->paired)
        return second(r->result.policy, at->policy, set->authority, said);
    return policy_word(r->result.policy, at->policy, said) ? said : span_of(NULL, 0);
}

static void say_where(struct wr *w, const struct situs_result *r, unsigned held)
{
    for (size_t i = 0; i < sizeof wheres / sizeof *wheres; i++) {
        struct span known = held & wheres[i].proofs ? place(r, &wheres[i]) : span_of(NULL, 0);
        if (!known.n)
            continue;
        wr_text(w, ", in ");
        name(w, known);
        return;
    }
    wr_text(w, held & (PROOFS_BOUND | PROOF_LISTED)
                   ? "; neither policy nor trust file names its place"
                   : "; where that is was not asked");
}

/* For how long it was watched, in the two greatest units that say something. */
static void say_watched(struct wr *w, const struct result *r)
{
    static const struct {
        int64_t seconds;
        const char *word;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t left = r->at - r->watched.since;
    size_t i = 0;
    while (i < 3 && left < units[i].seconds)
        i++;
    wr_format(w, ", watched without a gap for %s %s", TEXT_NUM(left / units[i].seconds),
              units[i].word);
    left %= units[i].seconds;
    if (i < 3 && left / units[i + 1].seconds)
        wr_format(w, " %s %s", TEXT_NUM(left / units[i + 1].seconds), units[i + 1].word);
}

/* What holds, of what was asked: from live on with its image. */
static void say_held(struct wr *w, const struct situs_result *r, unsigned held, bool past)
{
    const struct anchor *maker = r->result.claims[INSTANCE_TEE].authority;
    if (!(held & ~(unsigned)PROOF_GENUINE)) {
        wr_text(w, "a genuine chip signed this, by the word of ");
        name(w, span_text(maker ? maker->name : ""));
        wr_text(w, "; what ran there, when, where and whose was not asked.");
        return;
    }
    const char *image = r->result.image.image;
    wr_text(w, past ? "it ran the approved image " : "runs the approved image ");
    name(w, span_text(image ? image : ""));
    if (say_whose(w, &r->result, held))
        say_where(w, r, held);
    else
        wr_text(w, " in a genuine chip; where the machine is, and whose, was not asked");
    if (held & PROOF_CONTINUOUS)
        say_watched(w, &r->result);
    wr_text(w, past ? ". Nothing is proven of now." : ".");
}

/* What a code adds to the words of a row. */
static const char *added(enum situs_code code)
{
    return code == SITUS_EXPIRED         ? " (it has ended)"
           : code == SITUS_NOT_YET_VALID ? " (its time has not begun)"
           : code == SITUS_REVOKED       ? " (it was taken back)"
                                         : "";
}

void report_plain_row(const char *id, enum situs_code code, struct wr *w)
{
    enum check c = check_find(span_text(id));
    if (code == SITUS_NOT_ALLOWED && barred[c])
        wr_text(w, barred[c]);
    else if (plain[c])
        wr_text(w, plain[c]);
    else
        wr_format(w, "it is not shown that %s", check_row(c)->sentence);
    wr_text(w, added(code));
}

static void say_refused(struct wr *w, const struct situs_result *r)
{
    struct situs_error e;
    wr_text(w, "not proven: ");
    if (!situs_result_reason(r, &e))
        wr_text(w, "nothing can be said");
    else if (e.check)
        report_plain_row(e.check, e.outcome == SITUS_FAIL ? e.why.code : SITUS_NONE, w);
    else if (r->result.err_in_request)
        wr_text(w, "the request cannot be read");
    else if (r->result.err_in_collateral)
        wr_text(w, "what the chip's maker says of its chips cannot be read");
    else if (r->result.err.code != SITUS_NONE)
        wr_text(w, "what was given cannot be read as evidence");
    else
        wr_text(w, "the policy asks for what this kind of evidence cannot show");
    wr_text(w, ".");
}

/* Of what was asked for what holds, or of an archived result held then. */
static unsigned answered(const struct situs_result *r)
{
    bool then = situs_result_held_as_of(r);
    unsigned held = then ? 0 : r->result.held;
    for (unsigned proof = 1; then && proof <= PROOF_ALL; proof <<= 1)
        held |= verdict_rows(&r->result, proof) ? proof : 0;
    return policy_asks(r->result.policy) & held;
}

void report_plain(const struct situs_result *r, bool past, struct wr *w)
{
    bool then = past || situs_result_held_as_of(r);
    size_t begin;
    if (result_simulated(&r->result))
        wr_text(w, "SIMULATED, no real machine: ");
    begin = w->n;
    if (!situs_result_trusted(r) && !situs_result_held_as_of(r)) {
        say_refused(w, r);
    } else {
        if (then) {
            const char *at = TEXT_TIME(r->asked.at); /* RFC 3339 */
            wr_format(w, "as of %.10s %.5s UTC ", at, at + 11);
        }
        say_held(w, r, answered(r), then);
    }
    if (begin == 0 && w->size)
        w->p[0] &= (uint8_t)~0x20; /* its first letter, which is one of a to z */
}

const char *report_party_root(const struct situs_party *party)
{
    for (size_t i = 0; i < sizeof of_parties / sizeof *of_parties; i++)
        if (strcmp(of_parties[i].role, party->role) == 0)
            return of_parties[i].root;
    return "machine";
}

const char *report_party_words(const struct situs_party *party)
{
    for (size_t i = 0; i < sizeof of_parties / sizeof *of_parties; i++)
        if (strcmp(of_parties[i].role, party->role) == 0)
            return of_parties[i].words;
    return party->sentence;
}

/* Host-measured and co-located are of bare metal alone. */
static bool concerns(const struct result *r, unsigned proof)
{
    return r->policy->scenario == SCENARIO_BARE_METAL ||
           !(proof & (PROOF_HOST_MEASURED | PROOF_CO_LOCATED));
}

const char *report_open(const struct situs_result *r, size_t i)
{
    static const char *const never[] = {
        "what the image does with what you give it: ask who built it",
        "that nobody opened the machine: chips resist whoever holds them for a while, not for ever",
        "what will be after it"};
    unsigned held = answered(r);
    struct situs_proof p;
    for (size_t k = 0; situs_result_proof(r, k, &p); k++)
        if (!(held >> k & 1) && concerns(&r->result, 1u << k) && i-- == 0)
            return opens[k] ? opens[k] : p.sentence;
    if (held & PROOFS_BOUND && i-- == 0)
        return "the place by measurement: it is the word of whoever answers for the machine";
    return i < sizeof never / sizeof *never ? never[i] : NULL;
}

const char *report_break(const struct situs_result *r, size_t i)
{
    unsigned held = answered(r);
    for (size_t k = 0; k < PROOFS_MOST; k++)
        if (held >> k & 1 && breaks[k] && i-- == 0)
            return breaks[k];
    return NULL;
}

/* ending marks the rows that are needed, hold, and rest on something that ends: of those that say the same, the first. */
static void ending(const struct result *r, bool is[CHECK_COUNT])
{
    const struct finding *f = r->findings.v;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        is[c] =
            f[c].ends && f[c].outcome == OUTCOME_PASS && verdict_needs(r, c, r->policy->require);
        for (enum check k = 0; is[c] && k < c; k++)
            is[c] = !is[k] || f[k].until != f[c].until || strcmp(f[k].ends, f[c].ends) != 0;
    }
}

bool report_end_of(const struct situs_result *r, size_t i, int64_t *at, const char **what)
{
    const struct finding *f = r->result.findings.v;
    bool is[CHECK_COUNT];
    ending(&r->result, is);
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        size_t before = 0;
        for (enum check k = 0; is[c] && k < CHECK_COUNT; k++)
            before += is[k] && (f[k].until < f[c].until || (f[k].until == f[c].until && k < c));
        if (!is[c] || before != i)
            continue;
        *at = f[c].until;
        *what = f[c].ends;
        return true;
    }
    *what = NULL;
    return false;
}
