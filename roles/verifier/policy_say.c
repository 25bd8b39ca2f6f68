/* What a policy that was written pins, who states what in it, and what a person must still decide;
 * see policy_form.h. */
#include "verifier/policy_form.h"

#include "base/text.h"
#include "base/wr.h"
#include "frame/out.h"

#include <string.h>

#define LINE 800

static void say_events(const struct reference *r)
{
    size_t n = 0;
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++)
        n += r->boot[pcr].n;
    if (r->has_boot)
        out_note("  boot: %zu events of PCR 2 to 6, 8, 9, 11 to 14, firmware %s%s", n,
                 profile_name(r->profile), r->gpt_open ? "; the partition table is open" : "");
}

/* Images of others, by whom, and which registers of theirs nobody published. */
static void say_imported(const struct policy_form *f)
{
    out_note("imported, as published; nobody here measured it:");
    for (size_t i = 0; i < f->n_imported; i++) {
        const struct form_image *image = &f->imported[i];
        char missing[40] = "";
        struct wr w = wr_new(missing, sizeof missing - 1);
        if (image->unknown & 1)
            wr_text(&w, " MRTD");
        for (unsigned k = 0; k < 4; k++)
            if (image->unknown >> (k + 1) & 1)
                wr_format(&w, " RTMR%u", k);
        out_note("  image \"%s\"%s%s", TEXT_CUT(image->ref.name), missing[0] ? ": without" : "",
                 missing);
    }
    out_note("accepted: TCB UpToDate or SWHardeningNeeded, with SEPT_VE_DISABLE");
}

static bool any_unknown(const struct policy_form *f)
{
    for (size_t i = 0; i < f->n_imported; i++)
        if (f->imported[i].unknown)
            return true;
    return false;
}

static void say_paravised(const struct policy_form *f)
{
    const struct reference *r = &f->image.ref;
    const struct paravisor_pins *p = &r->pcrs->paravisor;
    size_t n = 0;
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
        n += r->pcrs->pcr[pcr].n;
    out_note("  image \"%s\": %zu events of PCR 2 to 5, 7 to 9, 11 to 14", TEXT_CUT(r->name), n);
    if (p->by_id)
        out_note("  paravisor: signed by the key %.16s..., guest SVN %d or later",
                 TEXT_HEX(SPAN_ARR(p->id_key)), (int)p->min_svn);
    else
        out_note("  paravisor: %s %.16s...", r->tee == KIND_TDX ? "MRTD" : "MEASUREMENT",
                 TEXT_HEX(SPAN_ARR(p->launch[0])));
    out_note("not pinned: PCR 0, 1 and 6, which are the platform's (platform_pcrs)");
    if (r->tee == KIND_SNP)
        out_note("accepted: firmware of this platform's levels or later: %s", TEXT_CUT(f->minimum));
    else
        out_note("accepted: TCB UpToDate or SWHardeningNeeded, with SEPT_VE_DISABLE");
}

static void say_pinned(const struct policy_form *f)
{
    const struct reference *r = &f->image.ref;
    out_note("pinned, as this boot was measured:");
    if (r->pcrs) {
        say_paravised(f);
        return;
    }
    if (r->tee == KIND_SNP) {
        out_note("  image \"%s\": MEASUREMENT %.16s..., VMPL %d", TEXT_CUT(r->name),
                 TEXT_HEX(SPAN_ARR(r->mrtd)), (int)r->vmpl);
        out_note("accepted: firmware of this platform's levels or later: %s", TEXT_CUT(f->minimum));
        return;
    }
    out_note("  image \"%s\": MRTD %.16s..., RTMR0 to RTMR3%s", TEXT_CUT(r->name),
             TEXT_HEX(SPAN_ARR(r->mrtd)), r->rtmr1_listed ? ", RTMR1 by its list" : "");
    say_events(r);
    if (f->has_host)
        out_note("  host \"%s\": %zu events of the launch in %s, until %.10s",
                 TEXT_CUT(f->host.name), f->host.n, hash_name(f->host.bank),
                 TEXT_TIME(f->host.valid.to));
    out_note("accepted: TCB UpToDate or SWHardeningNeeded, with SEPT_VE_DISABLE");
}

/* One statement: by whom, of what, and which points. */
static void say_points(const char *of, struct span by, uint32_t stated, const char *const *keys,
                       unsigned n)
{
    char text[LINE];
    struct wr w = wr_new(text, sizeof text - 1);
    unsigned said = 0;
    if (!by.n)
        return;
    for (unsigned i = 0; i < n; i++) {
        if (!(stated >> i & 1))
            continue;
        wr_format(&w, "%s%s", said ? ", " : "", keys[i]);
        said++;
    }
    wr_u8(&w, 0);
    out_note("\"%s\" states of %s, %u of %u: %s", TEXT_CUT(by), of, said, n,
             said ? text : "nothing");
}

static void say_stated(const struct policy_form *f)
{
    static const char *const platform[] = {"firmware_first", "all_banks_extended"};
    const struct platform_statement *p = &f->platform;
    const char *closed[CLOSED_POINTS];
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        closed[i] = closed_key((enum closed_point)i);
    say_points("the image", f->image.ref.closed.by, f->image.ref.closed.stated, closed,
               CLOSED_POINTS);
    say_points("the host", f->host.closed.by, f->host.closed.stated, closed, CLOSED_POINTS);
    say_points("the provider's vTPMs", p->by,
               (uint32_t)p->firmware_first | (uint32_t)p->all_banks_extended << 1, platform, 2);
}

static bool is_stated(const struct closed *c)
{
    return c->by.n && closed_gap(c) == CLOSED_POINTS;
}

/* What no measurement says. Each line is a key of the file, and who decides it. */
static size_t say_left(const struct policy_form *f)
{
    bool ties = policy_form_ties(f), managed = ties && f->scenario == SCENARIO_MANAGED;
    bool google = ties && strcmp(f->provider, "google") == 0;
    bool azure = ties && policy_form_paravised(f);
    bool words = f->require & (PROOF_OWNED | PROOF_LISTED);
    const struct platform_statement *p = &f->platform;
    const struct {
        bool left;
        const char *key, *what;
    } rows[] = {
        {any_unknown(f), "ref.guest.images", "the registers that nobody published (null)"},
        {!is_stated(&f->image.ref.closed), "ref.guest.images.closed",
         "who answers for each of the 12 points (--closed-by NAME)"},
        {f->image.ref.tee == KIND_SNP && !f->covers && !f->image.ref.pcrs,
         "ref.guest.images.covers", "what the launch measures beside firmware (--covers)"},
        {f->has_host && !is_stated(&f->host.closed), "host.image.images.closed",
         "the same of the host (--host-closed-by NAME)"},
        {f->has_host && !f->host.co_locates, "host.image.images.agent_co_locates",
         "its agent speaks for its machine alone (--co-locates)"},
        {managed && !(p->by.n && p->firmware_first && p->all_banks_extended),
         "ak.certificate.platform", "who answers for the provider's vTPMs (--platform-by NAME)"},
        {google && !f->projects.n, "ak.certificate.projects",
         "your Google projects (--project ID)"},
        {azure && !f->issuers.n, "ak.certificate.azure_issuers",
         "Microsoft's CAs whose certificates count, by common name (--azure-issuer NAME)"},
        {ties && !google && !azure && !f->allow.n, "ak.certificate.allow",
         "registrars and their halls (--allow ANCHOR=FACILITY)"},
        {f->require & PROOF_OWNED && !f->owners.n, "poe.owner.allow",
         "issuers and owners that count (--owner ISSUER=OWNER)"},
        {f->require & PROOF_LISTED && !f->listers.n, "list.match.allow",
         "signers and owners that count (--lister SIGNER=OWNER)"},
        {f->require & PROOF_VOUCHED, "vouch.signature.verifiers",
         "other verifiers whose tokens count, as the trust file calls them"},
        {google && words && !f->parties.n, "machine.same.parties",
         "which anchors are one party (--party \"TPM ANCHOR=ISSUER\")"},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!rows[i].left)
            continue;
        if (n++ == 0)
            out_note("for a person to decide, or the policy refuses:");
        out_note("  %s: %s", rows[i].key, rows[i].what);
    }
    return n;
}

void policy_form_say(const struct policy_form *f)
{
    if (f->n_imported)
        say_imported(f);
    else
        say_pinned(f);
    say_stated(f);
    if (!say_left(f))
        out_note("nothing is left to state; \"situs policy check\" says what is weak");
}
