/* The three judges; see lab_judge.h. */
#include "lab/attacks/lab_judge.h"

#include <stdlib.h>

#include "appraise/verdict.h"
#include "base/text.h"
#include "lab/attacks/lab_alliance.h"
#include "lab/intel/lab_collateral.h"
#include "lab/intel/lab_reference.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "situs/verify.h"

#define BUNDLE_ROOM (1 << 20)
#define ARENA_ROOM (4 << 20)
#define CACHE_ROOM (256 << 10)
#define CACHE_SLOTS 32

#define OWNER_ANCHOR "Example Cloud"

/* Issuers, or signers of lists, and the owners whom they may name. */
#define PAIRS "[\"Example Cloud=Example Cloud, Inc.\", \"Rival Cloud=Rival Cloud, Inc.\"]"

/* Registrars, and the hall of each. */
#define ALLOW "\"allow\": [\"lab provider=lab-hall-1\", \"lab neighbour=lab-hall-2\"]"

static const struct {
    const char *title, *policy, *scenario, *require;
} scenarios[LAB_SCENARIOS] = {
    [LAB_MANAGED] = {"managed VM", "lab-managed", "managed", "\"bound\""},
    [LAB_METAL] = {"bare metal", "lab-metal", "bare-metal",
                   "\"bound\", \"host-measured\", \"co-located\""},
    [LAB_METAL_CONFIG] = {"bare metal, MRCONFIGID demanded", "lab-metal", "bare-metal",
                          "\"bound\", \"host-measured\", \"co-located\""},
    [LAB_METAL_APPROVED] = {"bare metal, hosts that the provider approves", "lab-metal",
                            "bare-metal", "\"bound\", \"host-measured\", \"co-located\""},
    [LAB_OWNED] = {"owned machine", "lab-owned", "managed", "\"live\", \"owned\""},
    [LAB_LISTED] = {"listed machine", "lab-listed", "managed", "\"live\", \"listed\""},
    [LAB_OWNED_BOUND] = {"managed VM on an owned machine", "lab-owned-bound", "managed",
                         "\"bound\", \"owned\""},
    [LAB_LISTED_BOUND] = {"managed VM on a listed machine", "lab-listed-bound", "managed",
                          "\"bound\", \"listed\""},
    [LAB_GOOGLE] = {"managed VM of Google's", "lab-google", "managed", "\"bound\""},
};

#define LONGEST_MS 500 /* where the round trip is measured (attack_far_proxy) */

struct lab_judge {
    struct lab_stage *stage;
    struct trust trust;
    struct policy policy[LAB_SCENARIOS];
    struct policy bounded; /* one of them, with a bound on the round trip */
    struct snapshot snapshot, old;
    bool is_old;
    struct span crl;        /* the provider's of the day */
    struct arena arena;     /* trust, policies, collateral */
    struct arena appraisal; /* one appraisal */
    struct result result;
    struct quote_cache *quotes; /* what the judge remembers from one appraisal to the next */
    struct ak_cache *ak_certs;
    struct key_cache *ak_keys;
    uint8_t cache_room[3][CACHE_ROOM];
    uint8_t memory[ARENA_ROOM], room[VERIFICATION_ARENA], bundle[BUNDLE_ROOM];
};

static void must(bool good, const struct situs_err *err)
{
    if (!good)
        lab_die("%s %s: %s: expected %s, got %s", err->part, err->field, err_code_name(err->code),
                err->expected, err->got);
}

const char *lab_judge_title(enum lab_scenario scenario)
{
    return scenarios[scenario].title;
}

/* Policies and trust, as files */

static void put_hex(struct lab_buf *b, const char *before, struct span s, const char *after)
{
    lab_buf_text(b, before);
    lab_buf_hex_lower(b, s);
    lab_buf_text(b, after);
}

/* The approved guest image: what a TD of the honest boot measures. */
static void put_guest(struct lab_judge *j, struct lab_buf *b)
{
    struct lab_boot boot = lab_firmware_boot();
    lab_buf_text(b, "\"ref.guest\": {\"images\": [");
    lab_firmware_reference(b, "lab image 1.0", &boot, &j->stage->a.td.registers);
    lab_buf_text(b, "]}, ");
    put_hex(b, "\"bind.measurements\": {\"pcr0\": [\"", span_of(j->stage->a.vtpm.pcr[1][0], 48),
            "\"]}");
}

static void put_launch(struct lab_judge *j, struct lab_buf *b, const char *name,
                       const struct lab_launch *l, int last_day, bool co_locates)
{
    int64_t at = lab_world_at(j->stage->w);
    lab_buf_format(b, "{\"name\": \"%s\", ", name);
    lab_closed(b, "lab host builder");
    lab_buf_format(b,
                   ", \"from\": \"%s\", "
                   "\"to\": \"%s\", \"agent_co_locates\": %s, \"bank\": \"sha256\", "
                   "\"registers\": [17, 18], \"events\": [",
                   TEXT_TIME(at - 30 * LAB_DAY), TEXT_TIME(at + last_day * LAB_DAY),
                   co_locates ? "true" : "false");
    for (size_t i = 0; i < l->n; i++) {
        uint8_t hash[32];
        lab_hash256(hash, span_text(l->event[i].measured));
        lab_buf_format(b, "%s{\"pcr\": %u, \"type\": \"%s\", \"digest\": \"", i ? ", " : "",
                       l->event[i].pcr, event_type_name(l->event[i].type));
        put_hex(b, "", SPAN_ARR(hash), "\"}");
    }
    lab_buf_text(b, "]}");
}

/* What the hosts may be: one is of the honest machine, one speaks for anyone, one has ended. */
static void put_hosts(struct lab_judge *j, struct lab_buf *b)
{
    struct lab_launch honest = lab_drtm_honest(), old = lab_drtm_old_agent();
    struct lab_launch ended = lab_drtm_ended();
    lab_buf_text(b, ", \"host.image\": {\"images\": [");
    put_launch(j, b, "lab host 1.0", &honest, 30, true);
    lab_buf_text(b, ", ");
    put_launch(j, b, "lab host 0.9", &old, 30, false);
    lab_buf_text(b, ", ");
    put_launch(j, b, "lab host 0.8", &ended, -1, true);
    lab_buf_text(b, "]}");
}

/* Whose word about machines counts, for which owner, and who runs whose machines. */
static void put_words(struct lab_judge *j, struct lab_buf *b)
{
    uint8_t key[32];
    lab_alliance_public(j->stage, key);
    lab_buf_text(b, ", \"poe.owner\": {\"allow\": " PAIRS "}, \"list.match\": {\"allow\": " PAIRS
                    "}, \"machine.same\": {\"parties\": [\"Google in the lab=Example Cloud\"]}, "
                    "\"list.signature\": {\"sources\": [\"signed\", \"alliance-token\", "
                    "\"google-host\"], \"token_keys\": [");
    put_hex(b, "\"", SPAN_ARR(key), "\"]}");
}

struct span lab_judge_policy(struct lab_judge *j, enum lab_scenario scenario)
{
    struct lab_buf b = {0};
    lab_buf_format(&b,
                   "{\"simulated\": true, \"scenario\": \"%s\", \"require\": [%s], "
                   "\"ak.certificate\": {\"providers\": [\"situs\"%s], " ALLOW "%s, \"platform\": "
                   "{\"by\": \"lab provider\", \"banks\": [\"sha256\", \"sha384\"], "
                   "\"firmware_first\": true, \"all_banks_extended\": true}}, "
                   "\"tpm.pcrs\": {\"bank\": [\"sha256\", \"sha384\"]}, ",
                   scenarios[scenario].scenario, scenarios[scenario].require,
                   scenario >= LAB_OWNED ? ", \"google\"" : "",
                   scenario >= LAB_OWNED ? ", \"projects\": [\"lab-project\"]" : "");
    if (scenario == LAB_METAL_CONFIG)
        lab_buf_text(&b, "\"bind.ak-in-td\": {\"mrconfigid\": true}, ");
    put_guest(j, &b);
    put_hex(&b, ", \"poe.revoked\": {\"deny\": [\"", SPAN_ARR(j->stage->cpu[LEAKY].platform.ppid),
            "\"]}");
    if (scenario >= LAB_OWNED)
        put_words(j, &b);
    else
        lab_buf_text(&b, ", \"machine.same\": {\"parties\": [\"lab provider=Example Cloud\"]}");
    if (scenario == LAB_METAL_APPROVED)
        put_hex(&b, ", \"ak.sealed\": {\"form\": [\"authorize\"], \"provider_key\": \"",
                lab_stage_approver(j->stage), "\"}");
    if (scenario >= LAB_METAL && scenario <= LAB_METAL_APPROVED)
        put_hosts(j, &b);
    lab_buf_text(&b, "}\n");
    return lab_world_keep(j->stage->w, &b);
}

struct span lab_judge_trust(struct lab_judge *j)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(j->stage->w));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->provider, "situs"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->neighbour, "situs"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->google, "google"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_owner_anchor(j->stage->w, &j->stage->owner, OWNER_ANCHOR));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_owner_anchor(j->stage->w, &j->stage->rival, "Rival Cloud"));
    lab_buf_text(&b, "]}\n");
    return lab_world_keep(j->stage->w, &b);
}

static void load(struct lab_judge *j, struct snapshot *snapshot, bool old)
{
    struct lab_world *w = j->stage->w;
    struct lab_collateral c = lab_collateral_honest(w, &j->stage->cpu[0].platform, true);
    struct collateral_part parts[LAB_PARTS + 2];
    struct lab_chain processor = lab_chain_ca(w, true);
    struct lab_crl processor_crl = lab_crl_pck(w, true);
    struct situs_err err = {0};
    if (old) {
        c.tcb_info.issue_date -= 60 * LAB_DAY;
        c.tcb_info.next_update -= 60 * LAB_DAY;
    }
    lab_collateral_parts(w, &c, parts);
    parts[LAB_PARTS] = (struct collateral_part){"processor.pem", lab_chain_pem(w, &processor)};
    parts[LAB_PARTS + 1] =
        (struct collateral_part){"processor.der", lab_crl_make(w, &processor_crl)};
    must(snapshot_load(snapshot, parts, LAB_PARTS + 2, &j->trust, &j->arena, &err), &err);
}

static void remember(struct lab_judge *j)
{
    if (quote_cache_size(CACHE_SLOTS) > CACHE_ROOM || ak_cache_size(CACHE_SLOTS) > CACHE_ROOM ||
        key_cache_size(CACHE_SLOTS) > CACHE_ROOM)
        lab_die("caches that are too large");
    j->quotes = quote_cache_new(j->cache_room[0], CACHE_SLOTS);
    j->ak_certs = ak_cache_new(j->cache_room[1], CACHE_SLOTS);
    j->ak_keys = key_cache_new(j->cache_room[2], CACHE_SLOTS);
}

struct lab_judge *lab_judge_new(struct lab_stage *s)
{
    struct situs_err err = {0};
    struct lab_judge *j = calloc(1, sizeof *j);
    if (!j)
        lab_die("no memory");
    j->stage = s;
    j->arena = arena_new(j->memory, sizeof j->memory);
    j->crl = lab_ca_crl(&s->provider, 0);
    must(trust_read(&j->trust, lab_judge_trust(j), &j->arena, &err), &err);
    for (int i = 0; i < LAB_SCENARIOS; i++)
        must(policy_read(&j->policy[i], scenarios[i].policy,
                         lab_judge_policy(j, (enum lab_scenario)i), &j->arena, &err),
             &err);
    load(j, &j->snapshot, false);
    load(j, &j->old, true);
    remember(j);
    return j;
}

void lab_judge_free(struct lab_judge *j)
{
    quote_cache_free(j->quotes);
    key_cache_free(j->ak_keys);
    snapshot_free(&j->snapshot);
    snapshot_free(&j->old);
    free(j);
}

void lab_judge_old(struct lab_judge *j, bool old)
{
    j->is_old = old;
}

/* The bundle */

static void add(struct bundle *b, const char *label, enum item_kind kind, struct span value)
{
    struct situs_err err = {0};
    if (value.n)
        must(bundle_add(b, label, kind, value, &err), &err);
}

static struct span tpm_value(struct lab_judge *j, const struct lab_tpm_item *item)
{
    struct tpm_value v = {.attest = item->quote.attest,
                          .signature = item->quote.signature,
                          .public_area = item->public_area};
    if (!item->given)
        return span_of(NULL, 0);
    v.certs[0] = item->cert;
    v.n_certs = item->cert.n > 0;
    for (size_t k = 0; k < LAB_TPM_BANKS; k++) {
        struct bank *bank = &v.registers.bank[v.registers.n];
        *bank = (struct bank){.hash = lab_swtpm_banks[k], .mask = item->mask};
        for (unsigned i = 0; i < 24; i++)
            if (item->mask >> i & 1)
                bank->value[i] = span_of(item->pcr[k][i], hash_size(bank->hash));
        v.registers.n += item->banks >> bank->hash & 1;
    }
    struct wr w = wr_new(j->bundle, sizeof j->bundle);
    struct lab_buf b = {0};
    if (!tpm_value_write(&v, &w))
        lab_die("a TPM quote that is too large");
    lab_buf_bytes(&b, wr_span(&w));
    return lab_world_keep(j->stage->w, &b);
}

struct span lab_judge_bundle(struct lab_judge *j, const struct lab_evidence *e)
{
    struct bundle *b = calloc(1, sizeof *b);
    struct wr w = wr_new(j->bundle, sizeof j->bundle);
    struct lab_buf out = {0};
    if (!b)
        lab_die("no memory");
    add(b, "tdx", ITEM_TDX_QUOTE, e->tdx);
    add(b, "guest", ITEM_TPM_QUOTE, tpm_value(j, &e->guest));
    add(b, "platform", ITEM_TPM_QUOTE, tpm_value(j, &e->platform));
    add(b, "log.tdx", ITEM_TCG_LOG, e->log_tdx);
    add(b, "log.guest", ITEM_TCG_LOG, e->log_guest);
    add(b, "log.platform", ITEM_TCG_LOG, e->log_platform);
    add(b, "channel", ITEM_SPKI, e->channel);
    add(b, "crl.provider", ITEM_CRL, j->crl);
    for (size_t i = 0; i < e->n_sent; i++)
        add(b, e->sent[i].label, e->sent[i].kind, e->sent[i].bytes);
    if (!bundle_write(b, false, &w))
        lab_die("a bundle that is too large");
    free(b);
    lab_buf_bytes(&out, wr_span(&w));
    return lab_world_keep(j->stage->w, &out);
}

const struct result *lab_judge_situs(struct lab_judge *j, enum lab_scenario scenario,
                                     const struct lab_evidence *e)
{
    struct verify_item words[LAB_WORDS];
    for (size_t i = 0; i < e->n_words; i++)
        words[i] = (struct verify_item){e->word[i].name, e->word[i].bytes};
    j->bounded = j->policy[scenario];
    j->bounded.v[PARAM_ROUND_TRIP_MAX] = (struct param_value){.given = true, .num = LONGEST_MS};
    struct situs_seen seen[2];
    size_t n_seen = 0;
    if (e->list_seen)
        seen[n_seen++] = (struct situs_seen){"ppid", OWNER_ANCHOR, NULL, NULL, e->list_seen};
    if (e->revocation_seen)
        seen[n_seen++] =
            (struct situs_seen){"revocation", OWNER_ANCHOR, NULL, NULL, e->revocation_seen};
    const struct verify_request q = {
        .input = e->wire.n ? e->wire : lab_judge_bundle(j, e),
        .nonce = e->no_nonce ? span_of(NULL, 0) : SPAN_ARR(e->nonce),
        .channel = e->peer,
        .endorsements = words,
        .n_endorsements = e->n_words,
        .seen = {seen, n_seen},
        .trust = &j->trust,
        .policy = e->round_trip_us ? &j->bounded : &j->policy[scenario],
        .round_trip_us = e->round_trip_us,
        .ak_certs = j->ak_certs,
        .ak_keys = j->ak_keys,
        .at = lab_world_at(j->stage->w),
    };
    j->appraisal = arena_new(j->room, sizeof j->room);
    verify_evidence(&j->result, &q, j->is_old ? &j->old : &j->snapshot, j->quotes, &j->appraisal);
    return &j->result;
}

/* Verdicts */

lab_checks lab_judge_refusing(const struct result *r)
{
    lab_checks refusing = 0;
    _Static_assert(CHECK_COUNT <= 64, "a set of checks has 64 places");
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if ((r->findings.v[c].outcome == OUTCOME_FAIL && verdict_counts(r, c)) ||
            (r->findings.v[c].outcome != OUTCOME_PASS && verdict_needs(r, c, r->policy->require)))
            refusing |= (lab_checks)1 << c;
    return refusing;
}

bool lab_judge_without(const struct result *r, lab_checks off)
{
    struct result copy = *r;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (off >> c & 1)
            copy.findings.v[c].outcome = OUTCOME_PASS;
    verdict_decide(&copy);
    return copy.verdict == VERDICT_TRUSTED;
}

static bool all_pass(const struct result *r, lab_checks wanted)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (wanted >> c & 1 && r->findings.v[c].outcome != OUTCOME_PASS)
            return false;
    return r->err.code == SITUS_NONE;
}

#define TEE_ROWS                                                                \
    (LAB_CHECK(TDX_SIGNATURE) | LAB_CHECK(TDX_PCK_CHAIN) | LAB_CHECK(TDX_TCB) | \
     LAB_CHECK(TDX_ATTRIBUTES) | LAB_CHECK(REF_GUEST))
#define ARTICLE_ROWS                                                              \
    (LAB_CHECK(TPM_SIGNATURE) | LAB_CHECK(TPM_PCRS) | LAB_CHECK(AK_CERTIFICATE) | \
     LAB_CHECK(LOG_RTMR) | LAB_CHECK(LOG_PCR) | LAB_CHECK(BIND_MEASUREMENTS))
#define ARTICLE_METAL_ROWS (LAB_CHECK(LOG_LAUNCH) | LAB_CHECK(HOST_IMAGE))

bool lab_judge_tee(const struct result *r)
{
    return all_pass(r, TEE_ROWS | LAB_CHECK(FRESH_NONCE) | LAB_CHECK(BIND_NONCE_IN_TD));
}

static bool carries(const struct claims *c, enum claim_id id, size_t at, const uint8_t nonce[32])
{
    const struct claim *v = &c->v[id];
    return v->set && v->bytes.n == at + 32 &&
           span_equal(span_cut(v->bytes, at, 32), span_of(nonce, 32));
}

/* The first half of the report data is the hash of the key that quotes. */
static bool names_ak(const struct claims *td, const struct claims *tpm)
{
    const struct claim *data = &td->v[CLAIM_REPORT_DATA], *ak = &tpm->v[CLAIM_AK_HASH];
    return data->set && ak->set && span_equal(span_cut(data->bytes, 0, 32), ak->bytes);
}

bool lab_judge_article(const struct result *r, const struct lab_evidence *e)
{
    const struct claims *td = &r->claims[INSTANCE_TEE], *guest = &r->claims[INSTANCE_GUEST];
    const struct claims *platform = &r->claims[INSTANCE_PLATFORM];
    bool metal = r->policy->scenario == SCENARIO_BARE_METAL;
    return all_pass(r, TEE_ROWS | ARTICLE_ROWS | (metal ? ARTICLE_METAL_ROWS : 0)) &&
           !e->no_nonce && names_ak(td, metal ? platform : guest) &&
           carries(td, CLAIM_REPORT_DATA, 32, e->nonce) &&
           carries(guest, CLAIM_EXTRA_DATA, 0, e->nonce) &&
           (!metal || carries(platform, CLAIM_EXTRA_DATA, 0, e->nonce));
}
