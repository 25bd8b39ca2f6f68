/* The three judges; see lab_judge.h. */
#include "lab/attacks/lab_judge.h"

#include <stdlib.h>

#include "appraise/verdict.h"
#include "base/text.h"
#include "lab/attacks/lab_alliance.h"
#include "lab/attacks/lab_azure.h"
#include "lab/attacks/lab_maa.h"
#include "lab/intel/lab_collateral.h"
#include "lab/intel/lab_reference.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "situs/door.h"
#include "situs/evidence_verify.h"

#define BUNDLE_ROOM (1 << 20)
#define ARENA_ROOM (8 << 20)
#define CACHE_SLOTS 32

#define OWNER_ANCHOR "Example Cloud"

/* Issuers, or signers of lists, and the owners whom they may name. */
#define PAIRS "[\"Example Cloud=Example Cloud, Inc.\", \"Rival Cloud=Rival Cloud, Inc.\"]"

/* Registrars, and the hall of each. */
#define ALLOW "\"allow\": [\"lab provider=lab-hall-1\", \"lab neighbour=lab-hall-2\"]"

static const struct {
    const char *title, *policy, *scenario, *require;
    enum check_kind tee; /* KIND_ANY: TDX */
} scenarios[LAB_SCENARIOS] = {
    [LAB_MANAGED] = {"managed VM", "lab-managed", "managed", "\"bound\"", KIND_ANY},
    [LAB_METAL] = {"bare metal", "lab-metal", "bare-metal",
                   "\"bound\", \"host-measured\", \"co-located\"", KIND_ANY},
    [LAB_METAL_CONFIG] = {"bare metal, MRCONFIGID demanded", "lab-metal", "bare-metal",
                          "\"bound\", \"host-measured\", \"co-located\"", KIND_ANY},
    [LAB_METAL_APPROVED] = {"bare metal, hosts that the provider approves", "lab-metal",
                            "bare-metal", "\"bound\", \"host-measured\", \"co-located\"", KIND_ANY},
    [LAB_OWNED] = {"owned machine", "lab-owned", "managed", "\"live\", \"owned\"", KIND_ANY},
    [LAB_LISTED] = {"listed machine", "lab-listed", "managed", "\"live\", \"listed\"", KIND_ANY},
    [LAB_OWNED_BOUND] = {"managed VM on an owned machine", "lab-owned-bound", "managed",
                         "\"bound\", \"owned\"", KIND_ANY},
    [LAB_LISTED_BOUND] = {"managed VM on a listed machine", "lab-listed-bound", "managed",
                          "\"bound\", \"listed\"", KIND_ANY},
    [LAB_GOOGLE] = {"managed VM of Google's", "lab-google", "managed", "\"bound\"", KIND_ANY},
    [LAB_SNP] = {"SEV-SNP guest", "lab-snp", "managed", "\"live\"", KIND_SNP},
    [LAB_SNP_LISTED] = {"SEV-SNP guest on a listed machine", "lab-snp-listed", "managed",
                        "\"live\", \"listed\"", KIND_SNP},
    [LAB_VOUCHED] = {"quote that another verifier vouches for", "lab-vouched", "managed",
                     "\"live\", \"vouched\"", KIND_ANY},
    [LAB_AZURE] = {"managed VM under a paravisor", "lab-azure", "managed", "\"bound\"", KIND_ANY},
    [LAB_AZURE_SNP] = {"SEV-SNP guest under a paravisor", "lab-azure-snp", "managed", "\"bound\"",
                       KIND_SNP},
};

#define LONGEST "500" /* ms, where the round trip is measured (attack_far_proxy) */

enum ask { PLAIN, BOUNDED, WATCHED, ASKS };

struct lab_judge {
    struct lab_stage *stage;
    const struct situs_trust *trust;
    const struct situs_policy *policy[LAB_SCENARIOS][ASKS];
    struct situs_snapshot *snapshot, *old;
    bool is_old;
    struct span crl;               /* the provider's of the day */
    struct situs_context *context; /* what the judge remembers from one appraisal to the next */
    void *result, *words;          /* the memory of the last appraisal */
    struct arena arena;            /* trust, policies, collateral, context */
    uint8_t memory[ARENA_ROOM], bundle[BUNDLE_ROOM];
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

enum check_kind lab_judge_kind(enum lab_scenario scenario)
{
    return scenarios[scenario].tee == KIND_SNP ? KIND_SNP : KIND_TDX;
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
    put_hex(b, "\"", SPAN_ARR(key), "\"]}, ");
    lab_buf_text(b, "\"vouch.signature\": {\"verifiers\": [\"lab verifier\"]}, "
                    "\"vouch.match\": {\"policies\": [\"" LAB_MAA_POLICY "\"]}");
}

/* What a policy asks of freshness. */
static const char *const asks[ASKS] = {
    [PLAIN] = "",
    [BOUNDED] = "\"fresh.round-trip\": {\"max_ms\": " LONGEST "}, ",
    [WATCHED] = "\"fresh.continuity\": {\"max_gap_seconds\": 60}, "};

/* Of the same image, started on AMD's chips; a machine is known by its chip. */
static struct span write_snp_policy(struct lab_judge *j, enum lab_scenario scenario, enum ask ask)
{
    struct lab_buf b = {0};
    struct lab_boot boot = lab_firmware_boot();
    uint8_t measurement[48];
    lab_stage_measurement(&boot, measurement);
    lab_buf_format(&b, "{\"simulated\": true, \"require\": [%s], %s", scenarios[scenario].require,
                   asks[ask]);
    put_hex(&b, "\"ref.guest\": {\"images\": [{\"name\": \"lab image 1.0\", \"measurement\": \"",
            SPAN_ARR(measurement), "\", \"covers\": \"igvm\", ");
    lab_closed(&b, "lab image builder");
    put_hex(&b,
            "}]}, \"snp.tcb\": {\"minimum\": [\"Milan bootloader=4 snp=24 microcode=219\"]}, "
            "\"poe.revoked\": {\"deny\": [\"",
            SPAN_ARR(j->stage->chip[LEAKY].vcek.chip), "\"]}");
    if (scenario == LAB_SNP_LISTED)
        put_words(j, &b);
    lab_buf_text(&b, "}\n");
    return lab_world_keep(j->stage->w, &b);
}

/* Of the same image, under a paravisor, whose vTPM has one bank. */
static struct span write_azure_policy(struct lab_judge *j, enum lab_scenario scenario, enum ask ask)
{
    struct lab_buf b = {0};
    lab_buf_format(
        &b,
        "{\"simulated\": true, \"scenario\": \"managed\", \"require\": [%s], %s"
        "\"ak.certificate\": {\"providers\": [\"azure\"], \"azure_issuers\": [\"Azure in "
        "the lab\"], \"platform\": {\"by\": \"lab provider\", \"banks\": [\"sha256\"], "
        "\"firmware_first\": true, \"all_banks_extended\": true}}, ",
        scenarios[scenario].require, asks[ask]);
    put_hex(&b, "\"poe.revoked\": {\"deny\": [\"", SPAN_ARR(j->stage->cpu[LEAKY].platform.ppid),
            "\"]}, \"ref.guest\": {\"images\": [");
    lab_azure_images(j->stage, &b);
    lab_buf_text(&b, "]}}\n");
    return lab_world_keep(j->stage->w, &b);
}

static struct span write_policy(struct lab_judge *j, enum lab_scenario scenario, enum ask ask)
{
    struct lab_buf b = {0};
    if (scenario == LAB_AZURE || scenario == LAB_AZURE_SNP)
        return write_azure_policy(j, scenario, ask);
    if (lab_judge_kind(scenario) == KIND_SNP)
        return write_snp_policy(j, scenario, ask);
    lab_buf_format(&b,
                   "{\"simulated\": true, \"scenario\": \"%s\", \"require\": [%s], "
                   "\"ak.certificate\": {\"providers\": [\"situs\"%s], " ALLOW "%s, \"platform\": "
                   "{\"by\": \"lab provider\", \"banks\": [\"sha256\", \"sha384\"], "
                   "\"firmware_first\": true, \"all_banks_extended\": true}}, "
                   "\"tpm.pcrs\": {\"bank\": [\"sha256\", \"sha384\"]}, ",
                   scenarios[scenario].scenario, scenarios[scenario].require,
                   scenario >= LAB_OWNED ? ", \"google\"" : "",
                   scenario >= LAB_OWNED ? ", \"projects\": [\"lab-project\"]" : "");
    lab_buf_text(&b, asks[ask]);
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

struct span lab_judge_policy(struct lab_judge *j, enum lab_scenario scenario)
{
    return write_policy(j, scenario, PLAIN);
}

struct span lab_judge_trust(struct lab_judge *j)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(j->stage->w));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_snp_anchor(&j->stage->amd, lab_snp_issuer(&j->stage->amd, LAB_SNP_ARK)));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->provider, "situs"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->neighbour, "situs"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->google, "google"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&j->stage->azure, "azure"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_owner_anchor(j->stage->w, &j->stage->owner, OWNER_ANCHOR));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_owner_anchor(j->stage->w, &j->stage->rival, "Rival Cloud"));
    lab_buf_text(&b, "], \"verifiers\": [");
    lab_buf_bytes(&b, lab_maa_trust(j->stage));
    lab_buf_text(&b, "]}\n");
    return lab_world_keep(j->stage->w, &b);
}

/* place takes memory that lives as long as the judge. */
static struct situs_memory place(struct lab_judge *j, size_t size)
{
    struct situs_memory memory = {arena_take(&j->arena, size), size};
    if (!memory.p)
        lab_die("a judge that is too large");
    return memory;
}

static struct situs_snapshot *load(struct lab_judge *j, bool old)
{
    struct lab_world *w = j->stage->w;
    struct lab_collateral c = lab_collateral_honest(w, &j->stage->cpu[0].platform, true);
    struct situs_item parts[LAB_PARTS + 2];
    struct lab_chain processor = lab_chain_ca(w, true);
    struct lab_crl processor_crl = lab_crl_pck(w, true);
    struct situs_err err;
    if (old) {
        c.tcb_info.issue_date -= 60 * LAB_DAY;
        c.tcb_info.next_update -= 60 * LAB_DAY;
    }
    lab_collateral_parts(w, &c, parts);
    parts[LAB_PARTS] = item_of("processor.pem", lab_chain_pem(w, &processor));
    parts[LAB_PARTS + 1] = item_of("processor.der", lab_crl_make(w, &processor_crl));
    struct situs_memory memory = place(j, situs_snapshot_memory(parts, LAB_PARTS + 2));
    struct situs_snapshot *s = situs_snapshot_load(parts, LAB_PARTS + 2, j->trust, memory, &err);
    must(s, &err);
    return s;
}

/* policy_of reads a policy when it is first asked for. */
static const struct situs_policy *policy_of(struct lab_judge *j, enum lab_scenario scenario,
                                            enum ask ask)
{
    struct situs_err err;
    const struct situs_policy **p = &j->policy[scenario][ask];
    if (!*p) {
        struct situs_item file =
            item_of(scenarios[scenario].policy, write_policy(j, scenario, ask));
        *p = situs_policy_read(file, place(j, situs_policy_memory(file)), &err);
        must(*p, &err);
    }
    return *p;
}

struct lab_judge *lab_judge_new(struct lab_stage *s)
{
    struct situs_err err;
    struct lab_judge *j = calloc(1, sizeof *j);
    if (!j)
        lab_die("no memory");
    j->stage = s;
    j->arena = arena_new(j->memory, sizeof j->memory);
    j->crl = lab_ca_crl(&s->provider, 0);
    struct situs_item trust = item_of("trust", lab_judge_trust(j));
    j->trust = situs_trust_read(trust, place(j, situs_trust_memory(trust)), &err);
    must(j->trust, &err);
    j->snapshot = load(j, false);
    j->old = load(j, true);
    j->context = situs_context_new(CACHE_SLOTS, place(j, situs_context_size(CACHE_SLOTS)));
    if (!j->context)
        lab_die("no context");
    return j;
}

void lab_judge_free(struct lab_judge *j)
{
    situs_context_free(j->context);
    situs_snapshot_free(j->snapshot);
    situs_snapshot_free(j->old);
    free(j->result);
    free(j->words);
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
    add(b, "snp", ITEM_SNP_REPORT, e->snp);
    add(b, "hcl", ITEM_HCL_REPORT, e->hcl);
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

/* Whoever is refused learns why, and whoever is trusted has nothing against him. */
static void must_say_why(const struct situs_result *r)
{
    struct situs_error why;
    bool refuses = false;
    for (size_t i = 0; situs_result_error(r, i, &why); i++) {
        refuses |= why.refuses;
        if (!why.why.hint[0])
            lab_die("a reason without a hint: %s %s", why.why.part, why.why.field);
    }
    if (refuses == situs_result_trusted(r))
        lab_die("a verdict that its reasons do not bear out");
}

/* In exactly the memory that is said to be enough; the result lies there until the next. */
static const struct situs_result *appraise(struct lab_judge *j, const struct situs_request *q)
{
    size_t size = situs_verify_memory(q);
    free(j->result);
    j->result = malloc(size);
    const struct situs_result *r =
        situs_verify(q, (struct situs_memory){j->result, j->result ? size : 0});
    if (!r)
        lab_die("no memory");
    must_say_why(r);
    return r;
}

/* What the verifier holds of others' words; NULL: there is none, or err says why it does not read. */
static const struct situs_endorsements *
load_words(struct lab_judge *j, const struct lab_evidence *e, struct situs_err *err)
{
    struct situs_item words[LAB_WORDS];
    for (size_t i = 0; i < e->n_words; i++)
        words[i] = item_of(e->word[i].name, e->word[i].bytes);
    size_t size = situs_endorsements_memory(words, e->n_words);
    free(j->words);
    j->words = malloc(size);
    struct situs_memory memory = {j->words, j->words ? size : 0};
    return e->n_words ? situs_endorsements_load(words, e->n_words, j->trust, memory, err) : NULL;
}

/* A request is not made where what the verifier holds does not read: he is told so. */
static const struct result *not_asked(struct lab_judge *j, const struct situs_request *q,
                                      const struct situs_err *err)
{
    free(j->result);
    struct situs_result *r = j->result = calloc(1, sizeof *r);
    struct arena a = arena_new(NULL, 0);
    if (!r || err->code == SITUS_NO_MEMORY)
        lab_die("no memory");
    evidence_not_asked(&r->result, q, err, &a);
    return &r->result;
}

const struct result *lab_judge_situs(struct lab_judge *j, enum lab_scenario scenario,
                                     const struct lab_evidence *e)
{
    struct situs_err err = {0};
    struct situs_seen seen[2];
    size_t n_seen = 0;
    if (e->list_seen)
        seen[n_seen++] =
            (struct situs_seen){lab_judge_kind(scenario) == KIND_SNP ? "chip_id" : "ppid",
                                OWNER_ANCHOR, NULL, NULL, e->list_seen};
    if (e->revocation_seen)
        seen[n_seen++] =
            (struct situs_seen){"revocation", OWNER_ANCHOR, NULL, NULL, e->revocation_seen};
    struct span none = span_of(NULL, 0);
    int64_t at = lab_world_at(j->stage->w);
    const struct situs_span span = {at - 3600, at + 40, 60000, 25000, {0}};
    const struct situs_request q = {
        .evidence = item_of("evidence", e->wire.n ? e->wire : lab_judge_bundle(j, e)),
        .nonce = item_of("nonce", e->no_nonce ? none : SPAN_ARR(e->nonce)),
        .channel = item_of("channel", e->peer.n ? e->peer : none),
        .endorsements = load_words(j, e, &err),
        .list_seen = seen,
        .n_list_seen = n_seen,
        .trust = j->trust,
        .policy = policy_of(j, scenario,
                            e->watched             ? WATCHED
                            : e->round_trip_us > 0 ? BOUNDED
                                                   : PLAIN),
        .snapshot = j->is_old ? j->old : j->snapshot,
        .context = j->context,
        .at = at,
        .round_trip_us = e->round_trip_us,
        .span = e->watched && !e->gap ? &span : NULL,
    };
    return err.code == SITUS_NONE ? &appraise(j, &q)->result : not_asked(j, &q, &err);
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

#define SNP_ROWS                                                                \
    (LAB_CHECK(SNP_SIGNATURE) | LAB_CHECK(SNP_VEK_CHAIN) | LAB_CHECK(SNP_TCB) | \
     LAB_CHECK(SNP_ATTRIBUTES) | LAB_CHECK(REF_GUEST))
#define TEE_ROWS                                                                \
    (LAB_CHECK(TDX_SIGNATURE) | LAB_CHECK(TDX_PCK_CHAIN) | LAB_CHECK(TDX_TCB) | \
     LAB_CHECK(TDX_ATTRIBUTES) | LAB_CHECK(REF_GUEST))
#define ARTICLE_ROWS                                                              \
    (LAB_CHECK(TPM_SIGNATURE) | LAB_CHECK(TPM_PCRS) | LAB_CHECK(AK_CERTIFICATE) | \
     LAB_CHECK(LOG_RTMR) | LAB_CHECK(LOG_PCR) | LAB_CHECK(BIND_MEASUREMENTS))
#define ARTICLE_METAL_ROWS (LAB_CHECK(LOG_LAUNCH) | LAB_CHECK(HOST_IMAGE))

bool lab_judge_tee(const struct result *r)
{
    return all_pass(r, (r->tee == KIND_SNP ? SNP_ROWS : TEE_ROWS) | LAB_CHECK(FRESH_NONCE) |
                           LAB_CHECK(BIND_NONCE_IN_TD));
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
