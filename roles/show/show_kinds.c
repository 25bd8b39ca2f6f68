/* The kinds of objects that "situs show" knows, each told by its first bytes; see show.h. */
#include "show/show_cert.h"
#include "show/show_signed.h"

#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "codec/json/json.h"
#include "codec/tpm.h"
#include "evidence/hcl_report.h"
#include "evidence/platform_manifest.h"
#include "evidence/tcg_log.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "situs/evidence_kind.h"
#include "tee/amd/snp_report.h"
#include "tee/intel/parts.h"
#include "tee/intel/quote.h"

#include <stdio.h>

static bool manifest_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct platform_manifest m;
    if (!platform_manifest_bytes(&bytes, bytes, s->a, err) ||
        !platform_manifest_read(&m, bytes, err))
        return false;
    show_hex(s, "piid", m.piid);
    show_num(s, "packages", m.packages);
    show_list(s, "package");
    for (uint32_t i = 0; i < m.packages; i++) {
        show_open(s, NULL);
        show_hex(s, "prid", platform_manifest_prid(&m, i));
        show_close(s);
    }
    show_list_end(s);
    return true;
}

/* Version 3 to 5, attestation key type 2: Intel TDX DCAP Quoting Library API, A.3.1. */
static bool quote_is(struct span b)
{
    return b.n > 4 && b.p[0] >= 3 && b.p[0] <= 5 && b.p[1] == 0 && b.p[2] == 2 && b.p[3] == 0;
}

static bool quote_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct quote q;
    struct claims c = {.instance = NULL};
    struct intel_cert certs[LIMIT_CHAIN_CERTS];
    struct pck_info info;
    size_t n;
    if (!quote_read(&q, bytes, err) ||
        !intel_pem_chain(certs, LIMIT_CHAIN_CERTS, &n,
                         (struct intel_pem){q.certification, q.certification_at, "quote"}, s->a,
                         err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (certs[i].role == INTEL_PCK && !pck_info_read(&info, &certs[i], 0, "quote", err))
            return false;
    quote_claims(&q, &c);
    show_text(s, "tee", q.tdx ? SPAN_LIT("tdx") : SPAN_LIT("sgx"));
    show_num(s, "padding", (int64_t)q.padding);
    show_claims(s, &c);
    show_hex(s, "qe_auth_data", q.qe_auth_data);
    for (size_t i = 0; i < n; i++)
        if (certs[i].role == INTEL_PCK)
            show_cert_pck(s, &info, &certs[i]);
        else if (certs[i].role != INTEL_ROOT) /* what "situs collateral fetch --ca" takes */
            show_text(s, "pck_ca",
                      certs[i].role == INTEL_PLATFORM_CA ? SPAN_LIT("platform")
                                                         : SPAN_LIT("processor"));
    return true;
}

static bool report_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct snp_report r;
    struct claims c = {.instance = NULL};
    bool ok = true;
    if (!snp_report_read(&r, bytes, err))
        return false;
    snp_report_claims(&r, &c);
    show_num(s, "padding", (int64_t)r.padding);
    show_claims(s, &c);
    show_hex(s, "chip_id", SNP_CHIP_ID(&r));
    show_list(s, "certificates");
    for (size_t i = 0; ok && i < r.n_certs; i++) {
        show_open(s, NULL);
        ok = show_cert_print(s, r.certs[i], err);
        show_close(s);
    }
    show_list_end(s);
    return ok;
}

/* What the text says, and the hardware report of SEV-SNP; a TDREPORT says what its quote says. */
static bool hcl_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct hcl_report h;
    struct claims c = {.instance = "hcl"};
    uint8_t data[64], ak[HCL_AK_PUBLIC];
    if (!hcl_report_read(&h, bytes, err))
        return false;
    hcl_report_ak(&h, ak);
    hcl_report_claims(&h, &c);
    show_num(s, "version", h.version);
    show_text(s, "tee", span_text(tee_row(h.tee)->name));
    show_claims(s, &c);
    show_hex(s, "ak_public", SPAN_ARR(ak));
    if (hcl_report_data(&h, data))
        show_hex(s, "report_data_expected", SPAN_ARR(data));
    show_text(s, "runtime", h.runtime);
    if (h.tee == KIND_TDX)
        show_hex(s, "td_report", h.hardware);
    return h.tee == KIND_TDX || report_print(s, h.hardware, err);
}

/* The first event is the Spec ID event, its data after 32 bytes: PC Client PFP 1.06, 10.2.1. */
static bool log_is(struct span b)
{
    return b.n > 48 && span_equal(span_cut(b, 32, 15), SPAN_LIT("Spec ID Event03"));
}

static void show_event(struct show *s, const struct events *log, const struct event *e)
{
    const char *name = event_type_name(e->type);
    show_open(s, NULL);
    show_num(s, "at", (int64_t)e->at);
    show_num(s, "index", e->index);
    if (name)
        show_text(s, "type", span_text(name));
    else
        show_num(s, "type", e->type);
    for (size_t b = 0; b < log->banks; b++)
        if (events_digest(log, e, b).n)
            show_hex(s, log->bank[b].hash == HASH_NONE ? "unknown" : hash_name(log->bank[b].hash),
                     events_digest(log, e, b));
    show_hex(s, "data", events_data(log, e));
    show_close(s);
}

static bool log_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct events log;
    if (!tcg_log_read(&log, bytes, LOG_PCR, "log", s->a, err))
        return false;
    show_num(s, "startup_locality", log.startup_locality);
    show_list(s, "events");
    for (size_t i = 0; i < log.n; i++)
        show_event(s, &log, &log.v[i]);
    show_list_end(s);
    return true;
}

/* TPM_GENERATED_VALUE: TPM 2.0 part 2, 6.2. */
static bool attest_is(struct span b)
{
    return span_starts(b, SPAN_LIT("\xff"
                                   "TCG"));
}

static bool attest_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct tpm_attest t;
    if (!tpm_attest_read(&t, bytes, err))
        return false;
    show_num(s, "type", t.type);
    if (!t.is_quote)
        return true;
    show_hex(s, "qualified_signer", t.qualified_signer);
    show_hex(s, "extra_data", t.extra_data);
    show_num(s, "clock", (int64_t)t.clock);
    show_num(s, "reset_count", t.reset_count);
    show_num(s, "restart_count", t.restart_count);
    show_num(s, "clock_safe", t.safe);
    show_num(s, "firmware_version", (int64_t)t.firmware_version);
    show_list(s, "selections");
    for (size_t i = 0; i < t.n_selections; i++) {
        uint32_t mask = t.selection[i].mask;
        show_open(s, NULL);
        show_text(s, "bank", span_text(hash_name(hash_by_tpm(t.selection[i].hash))));
        char text[100] = "";
        for (size_t pcr = 0, n = 0; pcr < 24; pcr++)
            if (mask >> pcr & 1)
                n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu", n ? " " : "", pcr);
        show_text(s, "pcrs", span_text(text));
        show_close(s);
    }
    show_list_end(s);
    show_hex(s, "pcr_digest", t.pcr_digest);
    return true;
}

/* JSON by what it holds; PEM is read here where all of it is Intel's, else as any certificates. */
static bool collateral_is(struct span b)
{
    const struct evidence_kind *kind = b.n && b.p[0] == '{' ? evidence_kind(b) : NULL;
    return kind && kind->places & PLACE_COLLATERAL;
}

/* member prints a text or number of a signed body. */
static void member(struct show *s, const struct json *body, const char *name)
{
    struct situs_err none = {0};
    struct span text;
    int64_t num;
    if (json_get_text(body, name, &text, &none))
        show_text(s, name, text);
    none = (struct situs_err){0};
    if (json_get_num(body, name, 0, INT32_MAX, &num, &none))
        show_num(s, name, num);
}

static bool body_print(struct show *s, const struct part_body *body, struct situs_err *err)
{
    static const char *const names[] = {"id",        "version",    "fmspc",
                                        "issueDate", "nextUpdate", "tcbEvaluationDataNumber"};
    struct json_doc doc = {0};
    struct json root;
    if (!json_read(&doc, &root, body->raw, body->name, err))
        return false;
    show_open(s, body->qe ? "qe_identity" : "tcb_info");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        member(s, &root, names[i]);
    show_close(s);
    json_free(&doc);
    return true;
}

static bool collateral_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct parts parts;
    struct situs_item part = item_of("collateral", bytes);
    if (!parts_new(&parts, s->a, err) || !parts_add(&parts, &part, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < parts.n_bodies; i++)
        ok = body_print(s, parts.bodies[i], err);
    show_list(s, "certificates");
    for (size_t i = 0; ok && i < parts.n_certs; i++) {
        show_open(s, NULL);
        ok = show_cert_print(s, parts.certs[i]->cert.der, err);
        show_close(s);
    }
    show_list_end(s);
    show_list(s, "crls");
    for (size_t i = 0; ok && i < parts.n_crls; i++) {
        show_open(s, NULL);
        ok = show_cert_print(s, parts.crls[i]->crl.der, err);
        show_close(s);
    }
    show_list_end(s);
    return ok;
}

/* A CBOR map, or JSON with the collection type: draft-ietf-rats-msg-wrap 3.3. */
static bool bundle_is(struct span b)
{
    return b.n && (b.p[0] >> 5 == 5 ||
                   (b.p[0] == '{' && memmem(b.p, b.n < 4096 ? b.n : 4096, "__cmwc_t", 8)));
}

/* tpm_print shows the value of a vnd.situs.tpm-quote item. */
static bool tpm_print(struct show *s, struct span value, const char *label, struct situs_err *err)
{
    struct tpm_value v;
    if (!tpm_value_read(&v, value, label, err) || !attest_print(s, v.attest, err))
        return false;
    if (v.public_area.n)
        show_hex(s, "public", v.public_area);
    show_open(s, "registers");
    for (size_t b = 0; b < v.registers.n; b++) {
        const struct bank *bank = &v.registers.bank[b];
        show_open(s, hash_name(bank->hash));
        for (unsigned i = 0; i < REGISTERS_MAX; i++)
            if (bank->mask >> i & 1)
                show_hex(s, TEXT_NUM(i), bank->value[i]);
        show_close(s);
    }
    show_close(s);
    bool ok = true;
    show_list(s, "certificates");
    for (size_t i = 0; ok && i < v.n_certs; i++) {
        show_open(s, NULL);
        ok = show_cert_print(s, v.certs[i], err);
        show_close(s);
    }
    show_list_end(s);
    return ok;
}

static bool item_print(struct show *s, const struct item *item, struct situs_err *err)
{
    if (item->kind == ITEM_TPM_QUOTE)
        return tpm_print(s, item->value, item->label, err);
    if (item->kind == ITEM_SPKI)
        show_hex(s, "spki", item->value);
    return item->kind == ITEM_SPKI || item->kind == ITEM_COLLATERAL ||
           show_object(s, item->value, err);
}

static bool bundle_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct bundle b = {.n = 0};
    if (!bundle_read(&b, bytes, s->a, err))
        return false;
    for (size_t i = 0; i < b.n; i++) {
        const struct item *item = &b.item[i];
        show_open(s, item->label);
        show_text(s, "type", span_text(item_row(item->kind)->type));
        show_num(s, "size", (int64_t)item->value.n);
        bool ok = item_print(s, item, err);
        show_close(s);
        if (!ok)
            return false;
    }
    return true;
}

static const struct show_kind kinds[] = {
    {"bundle", bundle_is, bundle_print},
    {"Intel quote", quote_is, quote_print},
    {"SEV-SNP report", snp_report_is, report_print},
    {"HCL report", hcl_report_is, hcl_print},
    {"event log", log_is, log_print},
    {"TPMS_ATTEST", attest_is, attest_print},
    {NULL, show_word_is, show_word_print},
    {"composition manifest", show_composition_is, show_composition_print},
    {"Platform Manifest", platform_manifest_is, manifest_print},
    {"Intel collateral", collateral_is, collateral_print},
    {NULL, show_pem_is, show_pem_print},
    {NULL, show_cert_is, show_cert_print},
};

#define SHOWN "a quote, log, bundle, endorsement, list, manifest, certificate or collateral"

/* The kind of the bytes; NULL when they look like nothing known. */
static const struct show_kind *find(struct span bytes)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].is(bytes))
            return &kinds[i];
    return NULL;
}

/* What is not shown, by its name where that is known. */
static bool refuse(struct span bytes, struct situs_err *err)
{
    const struct evidence_kind *kind = evidence_kind(bytes);
    struct span first = span_cut(bytes, 0, bytes.n < 8 ? bytes.n : 8);
    err_fail(err, SITUS_UNKNOWN, "file", "", 0, SHOWN, kind ? kind->what : TEXT_HEX(first));
    return err_hint(err, kind ? kind->hint
                              : "is it the right file? situs-show(1) lists what situs can decode");
}

/* Text that stands for a quote or a bundle, and how far that read. */
static bool decode(struct span in, struct span *out, struct arena *a, struct situs_err *err)
{
    struct situs_item text = {"file", in.p, in.n}, evidence;
    size_t size = situs_evidence_memory(text);
    struct situs_memory memory = {arena_take(a, size), size};
    bool ok = memory.p && situs_evidence_read(text, memory, &evidence, err);
    *out = ok ? item_span(evidence) : in;
    return out->p != in.p;
}

bool show_object(struct show *s, struct span bytes, struct situs_err *err)
{
    struct situs_err why = {0};
    const struct show_kind *kind = find(bytes);
    if (!kind && decode(bytes, &bytes, s->a, &why))
        kind = find(bytes);
    if (!kind) {
        const struct evidence_kind *known = evidence_kind(bytes);
        if (why.code == SITUS_NONE || (known && !(known->places & PLACE_EVIDENCE)))
            return refuse(bytes, err);
        *err = why;
        return false;
    }
    if (kind->name)
        show_text(s, "kind", span_text(kind->name));
    return kind->print(s, bytes, err);
}
