/* Writing policies; see policy_form.h. The keys are situs-policy(5)'s. */
#include "verifier/policy_form.h"

#include "base/text.h"
#include "codec/json_out.h"

#include <stdio.h>
#include <string.h>

#define NOBODY SPAN_LIT("nobody yet")

static void put_strings(struct json_out *o, const char *name, const char *const *v, size_t n)
{
    json_out_name(o, name);
    json_out_array(o);
    for (size_t i = 0; i < n; i++)
        json_out_string(o, v[i]);
    json_out_close(o);
}

static void put_check(struct json_out *o, const char *name)
{
    json_out_name(o, name);
    json_out_object(o);
}

/* Names, or null: a list without any would be refused by its length alone. */
static void put_names(struct json_out *o, const char *name, const struct words *w)
{
    if (w->n) {
        put_strings(o, name, w->v, w->n);
    } else {
        json_out_name(o, name);
        json_out_null(o);
    }
}

static void put_null(struct json_out *o, const char *name)
{
    json_out_name(o, name);
    json_out_null(o);
}

/* Who says it; and a flag that counts once somebody does. */
static void put_by(struct json_out *o, struct span by)
{
    if (by.n)
        json_out_pair_text(o, "by", by);
    else
        put_null(o, "by");
}

static void put_stated(struct json_out *o, const char *name, bool said, bool flag)
{
    if (said)
        json_out_pair_bool(o, name, flag);
    else
        put_null(o, name);
}

bool policy_form_ties(const struct policy_form *f)
{
    return f->require & PROOFS_BOUND;
}

bool policy_form_paravised(const struct policy_form *f)
{
    return f->provider && strcmp(f->provider, "azure") == 0;
}

static void put_require(struct json_out *o, const struct policy_form *f)
{
    unsigned require = f->judges ? f->require : PROOF_GENUINE;
    bool metal = f->scenario == SCENARIO_BARE_METAL;
    if (policy_form_ties(f))
        json_out_pair_string(o, "scenario", metal ? "bare-metal" : "managed");
    if (f->image.ref.tee == KIND_SNP)
        put_strings(o, "tee", &tee_row(KIND_SNP)->name, 1);
    if (f->simulated)
        json_out_pair_bool(o, "simulated", true);
    json_out_name(o, "require");
    json_out_array(o);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (require & proof)
            json_out_string(o, proof_name(proof));
    json_out_close(o);
}

/* What every preset demands of the platform, and the managed form besides. */
static void put_tdx(struct json_out *o)
{
    static const char *const statuses[] = {"UpToDate", "SWHardeningNeeded"};
    put_check(o, "tdx.tcb");
    put_strings(o, "accept", statuses, 2);
    json_out_close(o);
    put_check(o, "tdx.attributes");
    json_out_pair_bool(o, "require_sept_ve_disable", true);
    json_out_close(o);
}

/* The levels of the platform that was seen are good enough; AMD signs no list of what is. */
static void put_snp(struct json_out *o, const struct policy_form *f)
{
    if (!f->minimum.n)
        return;
    put_check(o, "snp.tcb");
    json_out_name(o, "minimum");
    json_out_array(o);
    json_out_text(o, f->minimum);
    json_out_close(o);
    json_out_close(o);
}

static void put_closed(struct json_out *o, const struct closed *c)
{
    put_check(o, "closed");
    put_by(o, c->by);
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        put_stated(o, closed_key((enum closed_point)i), c->by.n > 0, c->stated >> i & 1);
    json_out_close(o);
}

static void put_boot_list(struct json_out *o, const struct boot_list *l)
{
    json_out_array(o);
    for (size_t i = 0; i < l->n; i++) {
        json_out_object(o);
        json_out_pair_hex(o, "digest", SPAN_ARR(l->v[i].digest));
        if (l->v[i].tpm_only)
            json_out_pair_bool(o, "tpm_only", true);
        json_out_close(o);
    }
    json_out_close(o);
}

static const char *pcr_name(char name[4], uint32_t pcr)
{
    snprintf(name, 4, "%u", (unsigned)pcr % 100);
    return name;
}

static void put_tails(struct json_out *o, const struct reference *r)
{
    char name[4];
    put_check(o, "tail");
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++) {
        const struct boot_list *l = &r->boot[pcr];
        if (l->n_tail == 0)
            continue;
        json_out_name(o, pcr_name(name, pcr));
        json_out_array(o);
        for (size_t i = 0; i < l->n_tail; i++)
            json_out_text(o, l->tail[i]);
        json_out_close(o);
    }
    json_out_close(o);
}

static void put_lists(struct json_out *o, const struct reference *r)
{
    char name[4];
    json_out_pair_string(o, "profile", profile_name(r->profile));
    put_check(o, "boot");
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++)
        if (BOOT_PCRS >> pcr & 1) {
            json_out_name(o, pcr_name(name, pcr));
            put_boot_list(o, &r->boot[pcr]);
        }
    json_out_close(o);
    put_tails(o, r);
    json_out_name(o, "pcr7");
    json_out_array(o);
    for (size_t i = 0; i < r->n_pcr7; i++)
        json_out_hex(o, SPAN_ARR(r->pcr7[i]));
    json_out_close(o);
    if (r->gpt_open)
        json_out_pair_hex(o, "gpt_open", SPAN_ARR(r->gpt));
}

static void put_register(struct json_out *o, const struct form_image *image, unsigned bit,
                         struct span value)
{
    if (image->unknown >> bit & 1)
        json_out_null(o);
    else
        json_out_hex(o, value);
}

static void put_snp_image(struct json_out *o, const struct policy_form *f)
{
    const struct reference *r = &f->image.ref;
    json_out_pair_hex(o, "measurement", SPAN_ARR(r->mrtd));
    if (f->covers)
        json_out_pair_string(o, "covers", f->covers);
    else
        put_null(o, "covers");
    if (r->vmpl)
        json_out_pair_num(o, "vmpl", r->vmpl);
    put_closed(o, &r->closed);
    json_out_close(o);
}

static void put_pins(struct json_out *o, const struct reference *r)
{
    const struct paravisor_pins *p = &r->pcrs->paravisor;
    put_check(o, "paravisor");
    if (p->by_id) {
        json_out_pair_hex(o, "id_key_digest", SPAN_ARR(p->id_key));
        json_out_pair_hex(o, "image_id", SPAN_ARR(p->image_id));
        json_out_pair_num(o, "min_guest_svn", p->min_svn);
    } else {
        json_out_name(o, r->tee == KIND_TDX ? "mrtd" : "measurement");
        json_out_array(o);
        for (size_t i = 0; i < p->n; i++)
            json_out_hex(o, SPAN_ARR(p->launch[i]));
        json_out_close(o);
    }
    json_out_close(o);
}

static void put_paravised(struct json_out *o, const struct reference *r)
{
    char name[4];
    put_pins(o, r);
    put_check(o, "pcrs");
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++) {
        const struct pcr_values *events = &r->pcrs->pcr[pcr];
        if (!(PCR_IMAGE >> pcr & 1))
            continue;
        json_out_name(o, pcr_name(name, pcr));
        json_out_array(o);
        for (size_t i = 0; i < events->n; i++)
            json_out_hex(o, SPAN_ARR(events->v[i]));
        json_out_close(o);
    }
    json_out_close(o);
    put_closed(o, &r->closed);
    json_out_close(o);
}

static void put_image(struct json_out *o, const struct policy_form *f,
                      const struct form_image *image)
{
    const struct reference *r = &image->ref;
    json_out_object(o);
    if (r->name.n)
        json_out_pair_text(o, "name", r->name);
    else
        put_null(o, "name");
    if (r->pcrs) {
        put_paravised(o, r);
        return;
    }
    if (r->tee == KIND_SNP) {
        put_snp_image(o, f);
        return;
    }
    json_out_name(o, "mrtd");
    put_register(o, image, 0, SPAN_ARR(r->mrtd));
    json_out_name(o, "rtmr");
    json_out_array(o);
    for (unsigned i = 0; i < 4; i++)
        if (i == 1 && r->rtmr1_listed)
            json_out_null(o);
        else
            put_register(o, image, 1 + i, SPAN_ARR(r->rtmr[i]));
    json_out_close(o);
    put_closed(o, &f->image.ref.closed);
    if (r->has_boot) {
        put_lists(o, r);
    } else if (policy_form_ties(f) && r->profile != PROFILE_COUNT) {
        json_out_pair_string(o, "profile", profile_name(r->profile));
        put_null(o, "boot");
    }
    json_out_close(o);
}

static void put_images(struct json_out *o, const struct policy_form *f)
{
    put_check(o, "ref.guest");
    json_out_name(o, "images");
    json_out_array(o);
    for (size_t i = 0; i < f->n_imported; i++)
        put_image(o, f, &f->imported[i]);
    if (!f->n_imported)
        put_image(o, f, &f->image);
    json_out_close(o);
    json_out_close(o);
}

static void put_banks(struct json_out *o, const char *name, uint32_t banks)
{
    if (!banks) {
        put_null(o, name);
        return;
    }
    json_out_name(o, name);
    json_out_array(o);
    for (unsigned h = 0; h < HASH_COUNT; h++)
        if (banks >> h & 1)
            json_out_string(o, hash_name((enum hash)h));
    json_out_close(o);
}

/* What says of a provider's certificates which of them count. */
static const struct words *whose(const struct policy_form *f, const char **key)
{
    const struct {
        const char *provider, *key;
        const struct words *words;
    } rows[] = {{"google", "projects", &f->projects}, {"azure", "azure_issuers", &f->issuers}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(f->provider, rows[i].provider) == 0) {
            *key = rows[i].key;
            return rows[i].words;
        }
    *key = "allow";
    return &f->allow;
}

static void put_provider(struct json_out *o, const struct policy_form *f)
{
    const char *key;
    const struct words *names = whose(f, &key);
    put_check(o, "ak.certificate");
    put_strings(o, "providers", &f->provider, 1);
    put_names(o, key, names);
    if (strcmp(f->provider, "google") == 0)
        json_out_pair_bool(o, "require_crl", true);
    if (f->scenario == SCENARIO_MANAGED) {
        put_check(o, "platform");
        bool said = f->platform.by.n > 0;
        put_by(o, f->platform.by);
        put_banks(o, "banks", f->platform.banks);
        put_stated(o, "firmware_first", said, f->platform.firmware_first);
        put_stated(o, "all_banks_extended", said, f->platform.all_banks_extended);
        json_out_close(o);
    }
    json_out_close(o);
}

static void put_host_event(struct json_out *o, const struct host_event *e, size_t size)
{
    const char *type = e->typed ? event_type_name(e->type) : NULL;
    json_out_object(o);
    json_out_pair_num(o, "pcr", e->pcr);
    json_out_pair_hex(o, "digest", span_of(e->digest, size));
    if (type)
        json_out_pair_string(o, "type", type);
    json_out_close(o);
}

static void put_launch(struct json_out *o, const struct host_reference *h, bool blank)
{
    json_out_pair_string(o, "bank", hash_name(h->bank));
    json_out_name(o, "registers");
    json_out_array(o);
    for (uint32_t i = 0; i < REGISTERS_MAX; i++)
        if (h->registers >> i & 1)
            json_out_num(o, i);
    json_out_close(o);
    if (blank) {
        put_null(o, "events");
        return;
    }
    json_out_name(o, "events");
    json_out_array(o);
    for (size_t i = 0; i < h->n; i++)
        put_host_event(o, &h->events[i], hash_size(h->bank));
    json_out_close(o);
}

static void put_host(struct json_out *o, const struct host_reference *h, bool blank)
{
    put_check(o, "host.image");
    json_out_name(o, "images");
    json_out_array(o);
    json_out_object(o);
    if (blank) {
        put_null(o, "name");
        put_null(o, "from");
        put_null(o, "to");
    } else {
        json_out_pair_text(o, "name", h->name);
        json_out_pair_string(o, "from", TEXT_TIME(h->valid.from));
        json_out_pair_string(o, "to", TEXT_TIME(h->valid.to));
    }
    put_stated(o, "agent_co_locates", h->co_locates, true);
    put_closed(o, &h->closed);
    put_launch(o, h, blank);
    json_out_close(o);
    json_out_close(o);
    json_out_close(o);
}

/* Whose words about the machine count. */
static void put_words(struct json_out *o, const struct policy_form *f)
{
    if (f->require & PROOF_OWNED) {
        put_check(o, "poe.owner");
        put_names(o, "allow", &f->owners);
        json_out_close(o);
    }
    if (f->require & PROOF_LISTED) {
        put_check(o, "list.match");
        put_names(o, "allow", &f->listers);
        json_out_close(o);
    }
    if (f->require & PROOF_VOUCHED) {
        put_check(o, "vouch.signature");
        put_names(o, "verifiers", &(struct words){.n = 0});
        json_out_close(o);
    }
    if (f->parties.n) {
        put_check(o, "machine.same");
        put_names(o, "parties", &f->parties);
        json_out_close(o);
    }
}

static void put_pcr0(struct json_out *o, struct span pcr0)
{
    put_check(o, "bind.measurements");
    json_out_name(o, "pcr0");
    json_out_array(o);
    json_out_hex(o, pcr0);
    json_out_close(o);
    json_out_close(o);
}

void policy_form_write(const struct policy_form *f, struct wr *w)
{
    bool ties = policy_form_ties(f);
    struct json_out o = json_out_new(w, true);
    json_out_object(&o);
    put_require(&o, f);
    if (f->image.ref.tee == KIND_SNP)
        put_snp(&o, f);
    else
        put_tdx(&o);
    if (f->judges)
        put_images(&o, f);
    if (ties)
        put_provider(&o, f);
    if (f->judges && f->pcr0.n)
        put_pcr0(&o, f->pcr0);
    if (f->has_host)
        put_host(&o, &f->host, f->blank);
    if (f->judges)
        put_words(&o, f);
    if (ties && (!f->judges || f->scenario == SCENARIO_BARE_METAL)) {
        put_check(&o, "tpm.pcrs");
        put_banks(&o, "bank", f->platform.banks);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_end(&o);
    wr_text(w, "\n");
}

static void fill(struct closed *c)
{
    c->by = c->by.n ? c->by : NOBODY;
    c->stated = (1u << CLOSED_POINTS) - 1;
}

struct policy_form policy_form_filled(const struct policy_form *f)
{
    static const struct words project = {{"nobodys-project"}, 1}, pair = {{"nobody=nowhere"}, 1};
    struct policy_form filled = *f;
    fill(&filled.image.ref.closed);
    fill(&filled.host.closed);
    filled.covers = f->covers ? f->covers : "uki";
    filled.host.co_locates = true;
    filled.platform.by = f->platform.by.n ? f->platform.by : NOBODY;
    filled.platform.firmware_first = filled.platform.all_banks_extended = true;
    filled.projects = f->projects.n ? f->projects : project;
    filled.allow = f->allow.n ? f->allow : pair;
    filled.issuers = f->issuers.n ? f->issuers : project;
    /* nobody's word would contradict a word that came with the evidence; who asks here watches nobody */
    filled.require &= ~(f->owners.n ? 0u : PROOF_OWNED) & ~(f->listers.n ? 0u : PROOF_LISTED) &
                      ~(unsigned)(PROOF_VOUCHED | PROOF_CONTINUOUS);
    filled.require |= filled.require ? 0 : PROOF_LIVE;
    return filled;
}
