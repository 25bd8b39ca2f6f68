/*
 * One appraisal. Evidence is read before any of it is verified, verified before it is compared, and
 * compared before it is judged; endorsements are read where they are judged (gather.h says why).
 */
#include "situs/evidence_verify.h"

#include "appraise/bind.h"
#include "appraise/host.h"
#include "appraise/logs.h"
#include "appraise/machine.h"
#include "appraise/measurements.h"
#include "appraise/paravisor.h"
#include "appraise/reference.h"
#include "appraise/seal.h"
#include "appraise/verdict.h"
#include "appraise/watched.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "model/simulated.h"
#include "model/trust_places.h"
#include "situs/ownership.h"
#include "situs/said.h"
#include "situs/taken_back.h"

struct appraisal {
    struct result *r;
    const struct situs_request *q;
    const struct trust *trust;
    const struct policy *policy;
    struct gathered *g;
    struct arena *a;
    struct findings *f;
    struct claims *tee, *guest, *platform;
    const struct reference *image; /* of ref.guest; NULL: none matched */
    struct bind_text text;         /* of g->hcl */
    struct paravisor found;        /* the same */
    struct watched watched;        /* of q->span */
};

/* DESIGN: paravisor. What its text must hash to, and whom it names; what it says is stated where the
 * report says so. */
static void read_text(struct appraisal *x)
{
    const struct hcl_report *h = x->g->hcl;
    struct bind_text *t = &x->text;
    uint8_t ak[HCL_AK_PUBLIC];
    if (!h)
        return;
    x->r->paravisor = true;
    hcl_report_ak(h, ak);
    if (!hcl_report_data(h, t->report_data) || !digest(HASH_SHA256, SPAN_ARR(ak), t->akh))
        memset(t->report_data, 0xff, sizeof t->report_data); /* which no report has */
    if (h->has_user_data)
        t->user_data = SPAN_ARR(h->user_data);
    t->of_report = h->tee != KIND_TDX || hcl_report_of_td(h, x->g->tee.quote.body);
    const struct claim *data = &x->tee->v[CLAIM_REPORT_DATA];
    if (data->set && span_equal(data->bytes, SPAN_ARR(t->report_data)))
        hcl_report_claims(h, x->tee);
}

/* What is too old of a kind of TEE that the policy does not name, nobody said. */
static bool check_kind_taken(struct appraisal *x, enum check_kind kind)
{
    enum check tcb = tee_row(kind)->tcb;
    if (policy_takes_tee(x->policy, kind) || x->f->v[tcb].outcome != OUTCOME_PASS)
        return true;
    finding_retract(x->f, tcb);
    finding_skip(
        x->f, tcb,
        "the policy names other kinds of TEE, or none (\"tee\", an image, a row): what is too "
        "old of this kind nobody said");
    return false;
}

/* The quote's or report's signature and chain, then what its maker's collateral says of the
 * platform (tee/tee.h). */
static void appraise_tee(struct appraisal *x, const struct tee_collateral *collateral)
{
    const struct tee_evidence *e = &x->g->tee;
    const struct situs_context *context = door_context(x->q);
    if (!e->maker)
        return;
    x->r->tee = e->kind;
    x->tee->instance = tee_row(e->kind)->name;
    if (e->padding)
        result_note(x->r, "zero bytes after the quote were ignored; nothing signs them");
    e->maker->claims(e, x->tee);
    read_text(x);
    const struct tee_question question = {.trust = x->trust,
                                          .collateral = collateral,
                                          .early = x->q->early ? &x->q->early->collateral : NULL,
                                          .crls = &x->g->words.crls,
                                          .cache = context->cache,
                                          .hot = context->hot,
                                          .policy = x->policy,
                                          .at = x->q->at};
    result_note(x->r, e->maker->verify(e, &question, x->a, x->tee, x->f));
    simulated_check(x->f, tee_row(e->kind)->chain, x->policy, x->tee, "quote");
    const char *rated = e->maker->rate(e, &question, x->tee, x->f);
    if (check_kind_taken(x, e->kind))
        result_note(x->r, rated);
    if (x->g->hcl)
        return; /* appraise_image, when its TPM was judged */
    x->image = reference_check(x->f, x->policy, x->tee,
                               &(struct reference_logs){x->g->ccel, x->g->guest_log});
    if (x->image)
        said_closed(x->r, &x->r->image, x->image->name, &x->image->closed, x->a);
}

/* The AK is freed with the evidence; claims about it live on in the arena. */
static void keep(struct arena *a, struct claims *c, enum claim_id id)
{
    if (c->v[id].set)
        c->v[id].bytes = arena_copy(a, c->v[id].bytes);
}

static void state_tpm(struct appraisal *x, const struct gather_tpm *t, struct claims *c,
                      const char *instance)
{
    c->instance = instance;
    tpm_quote_claims(&t->quote, &t->ak, c);
    keep(x->a, c, CLAIM_AK_NAME);
    keep(x->a, c, CLAIM_AK_HASH);
    tpm_quote_verify(&t->quote, &t->ak, instance, x->policy, x->f);
}

/* DESIGN: measurements, 7. A provider's certificate says what its vTPMs are worth only beside a
 * statement that its firmware is the first to extend them, in every bank. False: the row is
 * decided. */
static bool platform_stated(struct appraisal *x)
{
    const struct platform_statement *s = x->policy->v[PARAM_AK_PLATFORM].platform;
    if (s && s->firmware_first && s->all_banks_extended) {
        said_platform(x->r, s->by, x->a);
        return true;
    }
    if (s && x->policy->require & PROOFS_BOUND)
        return finding_fail(
            x->f, CHECK_AK_CERTIFICATE, SITUS_NOT_ALLOWED,
            FINDING_AT("policy", s->firmware_first ? "ak.certificate.platform.all_banks_extended"
                                                   : "ak.certificate.platform.firmware_first"),
            "true", "false", "a vTPM that its guest can fill from the start proves no boot");
    finding_skip(x->f, CHECK_AK_CERTIFICATE,
                 s ? "by the policy's word this provider's vTPMs can be filled by their guests"
                   : "the policy states nothing of the provider's platform "
                     "(ak.certificate.platform)");
    return false;
}

/* DESIGN: attestation key. Who certified the key of a TPM's quote. */
static void certify(struct appraisal *x, const struct gather_tpm *t, struct claims *c)
{
    struct ak_cert_notes notes = {0};
    const struct ak_cert_question q = {&t->cert,  &t->ak,   x->trust,
                                       x->policy, x->q->at, door_context(x->q)->ak_certs};
    if (x->policy->scenario == SCENARIO_MANAGED && !platform_stated(x))
        return;
    ak_cert_verify(&q, x->a, c, &notes, x->f);
    simulated_check(x->f, CHECK_AK_CERTIFICATE, x->policy, c, "ak_certificate");
    for (size_t i = 0; i < notes.n; i++)
        result_note(x->r, notes.v[i]);
}

static bool on_bare_metal(const struct appraisal *x)
{
    return x->policy->scenario == SCENARIO_BARE_METAL;
}

/* DESIGN: attestation key. The quotes of the machine's own TPM and of the guest's. Each is judged
 * whole; on bare metal the guest's key gets its authority from the platform's quote
 * (appraise_binding). */
static void appraise_tpms(struct appraisal *x)
{
    static const enum check rows[] = {CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS, CHECK_AK_ATTRIBUTES,
                                      CHECK_AK_CERTIFICATE, CHECK_LOG_PCR};
    struct gather_tpm *guest = x->g->guest, *platform = x->g->platform;
    if (x->policy->scenario == SCENARIO_NONE) {
        for (size_t i = 0; (guest || platform) && i < sizeof rows / sizeof *rows; i++)
            finding_skip(x->f, rows[i], "the policy names no scenario in which a TPM counts");
        return;
    }
    if (platform && on_bare_metal(x)) {
        state_tpm(x, platform, x->platform, "tpm.platform");
        certify(x, platform, x->platform);
    }
    if (!guest)
        return;
    state_tpm(x, guest, x->guest, "tpm.guest");
    if (!on_bare_metal(x))
        certify(x, guest, x->guest);
    else if (guest->value.n_certs)
        result_note(x->r, "the guest's AK certificate was not read: on bare metal the platform's "
                          "quote vouches for that key");
}

/* DESIGN: attestation key, 5 to 8. Bare metal, from the launch to the sealed key. */
static void appraise_host(struct appraisal *x)
{
    struct gather_tpm *t = x->g->platform;
    const struct bank *quoted = NULL;
    if (!on_bare_metal(x) || !t)
        return;
    if (x->f->v[CHECK_TPM_PCRS].outcome == OUTCOME_PASS)
        quoted = logs_check_launch(x->f, &t->value.registers, x->g->launch);
    const struct host_reference *host =
        host_check(x->f, x->policy, quoted, quoted ? x->g->launch : NULL, x->q->at);
    if (host)
        said_closed(x->r, &x->r->host, host->name, &host->closed, x->a);
    host_check_co_located(x->f, x->platform, host);
    seal_check_enrolled(x->f, x->platform);
    seal_check_sealed(x->f, x->policy, x->platform, t->ak.public.auth_policy, host);
    seal_check_boot(x->f, x->platform);
    seal_check_machine(x->f, x->tee, x->platform);
}

/* What the image shares with a TPM, by the policy's word. */
static void find_image(struct appraisal *x, const struct registers *quoted)
{
    const struct reference *of =
        x->image; /* under a paravisor only images without overlap can be meant */
    if (x->g->hcl) {
        x->found = paravisor_find(x->policy, x->tee, quoted);
        x->image = x->found.image;
        of = x->found.nearest;
        if (x->image)
            said_closed(x->r, &x->r->image, x->image->name, &x->image->closed, x->a);
    }
    x->r->no_overlap =
        of && of->profile == PROFILE_COUNT && (of->pcrs ? !on_bare_metal(x) : on_bare_metal(x));
    if (x->r->no_overlap)
        result_note(x->r,
                    of->pcrs ? "overlap: none; the paravisor measures nothing of the guest into "
                               "the TEE, and its vTPM's registers name the image"
                             : "overlap: none; this guest's firmware measures to the TD alone, and "
                               "host.co-located carries the tie to the machine");
}

/* DESIGN: measurements. The logs explain the registers, and both sides measured the same boot. */
static void appraise_measurements(struct appraisal *x)
{
    struct gather_tpm *t = x->guest->instance ? x->g->guest : NULL;
    const struct registers *quoted = t ? &t->value.registers : NULL;
    struct explained ccel = {x->g->ccel, 0}, tcg = {x->g->guest_log, 0};
    struct measurements found;
    bool td = x->r->tee == KIND_TDX;
    find_image(x, quoted);
    if (td && (x->g->ccel || x->policy->scenario != SCENARIO_NONE))
        ccel.registers = logs_check_rtmr(x->f, x->policy, x->tee, x->g->ccel);
    if (t && x->g->hcl && x->f->v[CHECK_TPM_PCRS].outcome == OUTCOME_PASS)
        paravisor_check_log(x->f, x->policy, &x->found, x->g->guest_log);
    else if (t && x->f->v[CHECK_TPM_PCRS].outcome == OUTCOME_PASS)
        tcg.registers = logs_check_pcr(x->f, x->policy, quoted, x->g->guest_log);
    else if (t)
        finding_skip(x->f, CHECK_LOG_PCR, "the quoted registers do not hold");
    if (!td || !t)
        return;
    const struct measured compared = {x->tee, x->image, quoted, ccel, tcg};
    measurements_check(x->f, x->policy, &compared, &found);
}

/* DESIGN: messages, 1. The challenge, which the caller issued. */
static void appraise_challenge(struct appraisal *x)
{
    struct span nonce = item_span(x->q->nonce);
    if (nonce.n == 0)
        finding_skip(x->f, CHECK_FRESH_NONCE, "no challenge was given (--nonce)");
    else if (nonce.n < BIND_NONCE_LEAST || nonce.n > BIND_NONCE_MOST)
        finding_fail(x->f, CHECK_FRESH_NONCE, SITUS_MALFORMED, FINDING_AT("nonce", "size"),
                     BIND_NONCE_SIZES, TEXT_BYTES(nonce.n), NULL);
    else if (span_all(nonce, 0))
        finding_fail(
            x->f, CHECK_FRESH_NONCE, SITUS_NOT_ALLOWED, FINDING_AT("nonce", "value"),
            "bytes that nobody could foretell", "zero bytes",
            "issue a challenge with \"situs challenge\", or fill the buffer that was sent");
    else
        finding_pass(x->f, CHECK_FRESH_NONCE);
}

/* DESIGN: messages, 4. How long the answer took, as the caller measured it. A bound makes a slow
 * way round visible; it belongs to no proof, since a fast answer proves no place. */
static void appraise_round_trip(struct appraisal *x)
{
    const struct param_value *max = &x->policy->v[PARAM_ROUND_TRIP_MAX];
    int64_t us = x->q->round_trip_us;
    if (!max->given)
        finding_skip(x->f, CHECK_FRESH_ROUND_TRIP, "the policy sets no bound (max_ms)");
    else if (x->q->archived)
        finding_skip(x->f, CHECK_FRESH_ROUND_TRIP, "archived evidence has no round trip");
    else if (us <= 0)
        finding_fail(x->f, CHECK_FRESH_ROUND_TRIP, SITUS_MISSING,
                     FINDING_AT("challenge", "round_trip_ms"), "a measured round trip", "none",
                     "situs connect measures it; take max_ms out of the policy to do without");
    else if ((us - 1) / 1000 >= max->num) /* us > 1000 * max, without overflow */
        finding_fail(
            x->f, CHECK_FRESH_ROUND_TRIP, SITUS_NOT_ALLOWED,
            FINDING_AT("challenge", "round_trip_ms"), TEXT_NUM(max->num),
            TEXT_NUM(us / 1000 + (us % 1000 != 0)),
            "ask again; if it stays, the answer takes a longer way than the policy allows");
    else
        finding_pass(x->f, CHECK_FRESH_ROUND_TRIP);
}

/* A guest's key that a measured host gave it speaks with the authority of that host's TPM. */
static void vouch(struct appraisal *x, const struct bind *in)
{
    if (x->guest->instance && x->f->v[CHECK_TPM_SIGNATURE].outcome == OUTCOME_PASS &&
        x->f->v[CHECK_AK_ATTRIBUTES].outcome == OUTCOME_PASS && bind_vouches(in, x->guest)) {
        x->guest->authority = x->platform->authority;
        x->guest->issuers = x->platform->issuers;
    }
}

/* What MRCONFIGID must be: the key that the TD report names, too. */
static const uint8_t *demand_config(struct appraisal *x, uint8_t config[48])
{
    const struct gather_tpm *named = on_bare_metal(x) ? x->g->platform : x->g->guest;
    struct span public = named ? named->ak.public.whole : span_of(NULL, 0);
    memset(config, 0, 48);
    if (public.n == 0 || !digest(HASH_SHA384, public, config))
        finding_fail(x->f, CHECK_BIND_AK_IN_TD, SITUS_MISSING,
                     FINDING_AT("tpmt_public", "tpmt_public"), "the key that MRCONFIGID must name",
                     "none", "send the AK's TPMT_PUBLIC");
    return config;
}

/* DESIGN: messages, 2 to 4. Challenge, channel key, TD report and TPM quotes hang together. */
static void appraise_binding(struct appraisal *x)
{
    uint8_t tqh[32], config[48], n[BIND_NONCE_SIZE];
    struct bind in = {.nonce = item_span(x->q->nonce), .peer = item_span(x->q->channel)};
    if (bind_enter(in.nonce, n))
        in.nonce = SPAN_ARR(n); /* else the rows about it say what is wrong with it */
    in.channel = x->g->channel.n ? x->g->channel : item_span(x->q->channel);
    x->r->channel = in.channel;
    if (!tee_row(x->r->tee))
        return;
    bool tpm = x->guest->instance || x->platform->instance;
    if (tpm && digest(HASH_SHA256, x->g->tee.whole, tqh))
        in.tqh = tqh; /* only a TPM's quote commits to it */
    if (x->g->hcl)
        in.text = &x->text;
    if (x->policy->v[PARAM_BIND_MRCONFIGID].flag)
        in.mrconfigid = demand_config(x, config);
    if (on_bare_metal(x)) {
        in.platform = x->platform;
        vouch(x, &in);
    }
    bind_check(x->f, &in, x->tee, x->guest->instance ? x->guest : NULL);
}

/* DESIGN: paravisor, 4. The image of a guest whose TPM is in its TEE. */
static void appraise_image(struct appraisal *x)
{
    const struct pcr_image *image = x->image ? x->image->pcrs : NULL;
    if (!x->g->hcl)
        return;
    paravisor_check(x->f, x->policy, &x->found);
    if (image && !(image->pcr[0].n && image->pcr[1].n && image->pcr[6].n))
        result_note(x->r,
                    "PCR 0, 1 and 6 are the platform's: the policy does not name all of them");
}

/* DESIGN: ownership. Who answers for the platform, whether TPM and platform are of one party's
 * machine, and who took it back: that last, since what comes before reads the claims. */
static void appraise_ownership(struct appraisal *x)
{
    const struct claims *const endorsements[] = {&x->r->claims[INSTANCE_POE],
                                                 &x->r->claims[INSTANCE_LIST]};
    struct revocations revocations;
    revocations_of(&revocations, &x->g->words, x->a);
    ownership_decide(x->r, x->g, &revocations, x->q, x->a);
    if (!on_bare_metal(x)) /* there the registrar names the platform: appraise_host */
        machine_check(x->f, x->policy, x->tee, x->guest, endorsements, 2);
    if (machine_owner_absent(x->tee, x->guest))
        result_note(x->r, "MROWNER is zero: Google's host did not write into the TD which instance "
                          "it is, so that the AK certificate's instance is its TPM's word alone");
    machine_check_denied(x->r);
    taken_back_check(x->r, &revocations, x->q, x->a);
}

/* DESIGN: bundle. The collateral of the bundle serves when the caller has none of his own: whoever
 * sends old collateral cannot make it current, nor sign it. False: it does not load, err says
 * why. */
static bool load_collateral(struct appraisal *x, const struct tee_collateral **collateral)
{
    struct gathered *g = x->g;
    if (g->n_collateral == 0)
        return true;
    if (*collateral) {
        result_note(x->r, "the collateral in the bundle was not used: the caller gave his own");
        return true;
    }
    x->r->err_in_collateral = true;
    if (!tee_collateral_load(&g->loaded, g->collateral, g->n_collateral, x->trust, x->a,
                             &x->r->err))
        return false;
    g->loaded.amd.from_bundle = true;
    *collateral = &g->loaded;
    result_note(x->r,
                "the maker's collateral came in the bundle: its sender chose among the current");
    return true;
}

/* DESIGN: what the caller gives. It is read before the evidence, which cannot excuse it; a misspelt
 * signer would guard against nothing. */
static bool read_request(struct appraisal *x)
{
    x->r->err_in_request = true;
    if (x->q->endorsements)
        endorsements_copy(&x->g->words, &x->q->endorsements->words);
    const struct situs_span *s = x->q->span;
    if (s)
        x->watched = (struct watched){s->since, s->until, s->within_ms, s->longest_gap_ms};
    if (!seen_known(door_seen(x->q), x->trust, "list_seen", &x->r->err) ||
        (s && !watched_read(&x->watched, x->q->at, &x->r->err)))
        return false;
    x->r->err_in_request = false;
    return true;
}

static void begin(struct result *r, const struct situs_request *q, struct arena *a)
{
    *r = (struct result){
        .verdict = VERDICT_REFUSED,
        .exit = 2,
        .archived = q->archived,
        .at = q->at,
        .round_trip_us = q->round_trip_us,
        .trips = {q->round_trips.n, q->round_trips.least_us, q->round_trips.median_us},
        .policy = &q->policy->policy,
        .findings = {.arena = a}};
}

void evidence_refused(struct result *r, const struct situs_request *q, enum situs_input input,
                      const struct situs_err *err, struct arena *a)
{
    begin(r, q, a);
    r->err = *err;
    r->err_in_collateral = input == SITUS_INPUT_COLLATERAL;
    verdict_decide(r);
}

void evidence_not_asked(struct result *r, const struct situs_request *q,
                        const struct situs_err *err, struct arena *a)
{
    begin(r, q, a);
    r->err = *err;
    r->err_in_request = true;
    verdict_decide(r);
}

/* What the trust file calls a facility that is named with authority: nobody else's word. */
static void note_place(const struct appraisal *x, const struct claims *set, enum claim_id id)
{
    char text[3 * TRUST_NAME_MAX];
    struct wr w = wr_new(text, sizeof text);
    const struct claim *c = claims_get(set, id);
    const struct trust_place *p = c ? trust_place(x->trust, set->authority, c->bytes) : NULL;
    if (!p)
        return;
    wr_format(&w, "%s is \"%s\"", TEXT_CUT(c->bytes), p->name);
    wr_format(&w, "%s%s, by the word of the trust file", p->country[0] ? ", in " : "", p->country);
    wr_u8(&w, 0);
    result_note(x->r, (const char *)arena_copy(x->a, wr_span(&w)).p);
}

/* Of a TPM that nothing ties to this machine, and of a list that does not name it, nobody asked. */
static bool is_tied(const struct result *r, enum instance i)
{
    unsigned proofs = i == INSTANCE_LIST ? PROOF_LISTED : PROOFS_BOUND;
    for (unsigned proof = 1; proof <= PROOF_ALL; proof <<= 1)
        if (proof & proofs && verdict_rows(r, proof))
            return true;
    return false;
}

static void note_places(const struct appraisal *x)
{
    for (enum instance i = 0; i < INSTANCE_COUNT; i++) {
        if (!is_tied(x->r, i))
            continue;
        note_place(x, &x->r->claims[i], CLAIM_FACILITY);
        note_place(x, &x->r->claims[i], CLAIM_GCE_ZONE);
    }
}

void evidence_verify(struct result *r, const struct situs_request *q, struct arena *a)
{
    struct gathered g = {0};
    const struct tee_collateral *collateral = q->snapshot ? &q->snapshot->collateral : NULL;
    struct appraisal x = {.r = r,
                          .q = q,
                          .trust = door_trust(q->trust),
                          .policy = &q->policy->policy,
                          .g = &g,
                          .a = a,
                          .f = &r->findings,
                          .tee = &r->claims[INSTANCE_TEE],
                          .guest = &r->claims[INSTANCE_GUEST],
                          .platform = &r->claims[INSTANCE_PLATFORM]};
    begin(r, q, a);
    if (read_request(&x) && gather(&g, q, a, &r->err) && load_collateral(&x, &collateral)) {
        appraise_tee(&x, collateral);
        appraise_challenge(&x);
        appraise_round_trip(&x);
        watched_check(x.r, q->span ? &x.watched : NULL);
        appraise_tpms(&x);
        appraise_host(&x);
        appraise_measurements(&x);
        appraise_binding(&x);
        appraise_image(&x);
        appraise_ownership(&x);
    }
    gather_free(&g);
    verdict_decide(r);
    note_places(&x);
    if (r->held & PROOF_LIVE && item_span(q->channel).n == 0)
        result_note(r,
                    "live is of whoever holds the channel's key in the evidence: no peer was named "
                    "(--channel), so this need not be the machine that you talk to");
}
