/* Evidence as people have it: text that stands for bytes (RFC 4648; RFC 7468 for the armour). */
#include "base/arena.h"
#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "codec/pem.h"
#include "model/bundle.h"
#include "situs.h"
#include "situs/evidence_azure.h"
#include "situs/evidence_kind.h"

#define EXPECTED "a quote or a bundle"

struct text {
    const char *part;
    uint8_t *room; /* as much as the text has bytes */
    size_t size;
    struct arena *a; /* of JSON, three times as much more */
    struct situs_err *err;
};

static bool is_text(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < 0x20 || s.p[i] > 0x7e) && !text_is_space(s.p[i]))
            return false;
    return true;
}

static bool refuse(const struct text *t, const char *what, const char *hint)
{
    err_fail(t->err, SITUS_UNSUPPORTED, t->part, "", SITUS_NO_OFFSET, EXPECTED, what);
    return err_hint(t->err, hint);
}

/* Bytes that a text stands for: evidence, or what they are is said. */
static bool take(const struct text *t, struct span bytes, struct span *out)
{
    const struct evidence_kind *other = evidence_kind_other(bytes);
    *out = bytes;
    if (evidence_kind_ours(bytes) && !other)
        return true;
    if (other)
        return refuse(t, other->what, other->hint);
    return refuse(t, bytes.n && is_text(bytes) ? "text that stands for text" : "other bytes",
                  "the text reads, and stands for something else: is it the right file?");
}

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool looks_like_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!text_is_space(s.p[i]) && digit(s.p[i]) < 0)
            return false;
    return s.n > 0;
}

/* What stands at the pair that begins at i. */
static bool bad_hex(const struct text *t, struct span s, size_t i)
{
    size_t bad = digit(s.p[i]) < 0 ? i : i + 1;
    bool stranger = bad < s.n && !text_is_space(s.p[bad]) && digit(s.p[bad]) < 0;
    err_fail(t->err, SITUS_MALFORMED, t->part, "hex", SITUS_NO_OFFSET, "hex digits in pairs",
             stranger      ? TEXT_CUT(span_cut(s, bad, s.n - bad < 16 ? s.n - bad : 16))
             : i + 1 < s.n ? "one digit alone"
                           : "an odd number of them");
    return err_hint(t->err, stranger ? "the text is hex up to there: is something else behind it?"
                                     : "the text was cut or wrapped within a byte: copy it again");
}

/* Pairs of digits, with blanks between them or none. */
static bool read_hex(const struct text *t, struct span s, struct span *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (text_is_space(s.p[i]))
            continue;
        int high = digit(s.p[i]), low = i + 1 < s.n ? digit(s.p[i + 1]) : -1;
        if (high < 0 || low < 0) {
            return bad_hex(t, s, i);
        }
        t->room[n++] = (uint8_t)(high << 4 | low);
        i++;
    }
    return take(t, span_of(t->room, n), out);
}

/* The URL alphabet, with its padding whole or without. */
static bool read_base64url(const struct text *t, struct span s, size_t *n)
{
    size_t padding = 0;
    while (padding < 2 && padding < s.n && s.p[s.n - 1 - padding] == '=')
        padding++;
    if (padding && s.n % 4 != 0)
        return false;
    return base64url_read(t->room, t->size, n, span_cut(s, 0, s.n - padding));
}

static bool read_base64(const struct text *t, struct span s, struct span *out)
{
    size_t n = 0;
    if (text_base64_read(t->room, t->size, &n, s, true) || read_base64url(t, s, &n))
        return take(t, span_of(t->room, n), out);
    err_fail(t->err, SITUS_UNKNOWN, t->part, "", SITUS_NO_OFFSET,
             "a quote or a bundle: bytes, hex, base64 or JSON with a quote",
             TEXT_CUT(span_cut(s, 0, s.n < 24 ? s.n : 24)));
    return err_hint(t->err, "is it the right file, and whole?");
}

static bool read_digits(const struct text *t, struct span s, struct span *out)
{
    uint8_t first[4];
    s = text_trim(s);
    bool marked = span_starts(s, SPAN_LIT("0x")) || span_starts(s, SPAN_LIT("0X"));
    struct span digits = marked ? span_cut(s, 2, s.n - 2) : s;
    bool begun = digits.n >= 8 && text_hex_read(first, sizeof first, span_cut(digits, 0, 8)) &&
                 first[0] <= 5 &&
                 evidence_kind_ours(SPAN_ARR(first)); /* a quote, and then no hex */
    return marked || begun || looks_like_hex(digits) ? read_hex(t, digits, out)
                                                     : read_base64(t, s, out);
}

/* A textual encoding (RFC 7468, 3) under whatever label, the same at both ends, and no headers. */
static bool read_armour(const struct text *t, struct span s, struct span *out)
{
    const struct evidence_kind *other = evidence_kind_other(s);
    if (other)
        return refuse(t, other->what, other->hint);
    struct rd r = rd_new(s, 0, t->part, t->err);
    struct span body = pem_whole(&r, "armour");
    return rd_ok(&r)
               ? read_base64(t, text_trim(body), out)
               : err_hint(t->err, "the text is cut, or has more than one block: copy it again");
}

static bool refuse_json(const struct text *t, const struct json *root)
{
    const struct evidence_kind *kind = evidence_kind_json(root);
    if (kind && !(kind->places & PLACE_EVIDENCE))
        return refuse(t, kind->what, kind->hint);
    return refuse(t, "JSON without a quote",
                  "the member \"quote\" holds it in dstack's answers, "
                  "\"intel_quote\" in Phala's");
}

/* attestation-rs writes {"platform": "snp", "evidence": {"attestation_report": BASE64, ...}}; others
 * the inner object alone. */
static bool read_report_member(const struct text *t, const struct json *root, struct span *out)
{
    struct json inner = *root;
    struct span text;
    bool nested = !json_has(root, "attestation_report");
    return (!nested || json_get_object(root, "evidence", &inner, t->err)) &&
           json_get_text(&inner, "attestation_report", &text, t->err) && read_digits(t, text, out);
}

static bool has_report(const struct json *root)
{
    struct situs_err ignored = {0};
    struct json inner;
    return json_has(root, "attestation_report") ||
           (json_has(root, "evidence") && json_get_object(root, "evidence", &inner, &ignored) &&
            json_has(&inner, "attestation_report"));
}

/* dstack's GetQuote answers {"quote": HEX, ...}, Phala's services {"intel_quote": HEX, ...}; what
 * stands beside it nobody signed. */
static bool read_quote_member(const struct text *t, const struct json *root, struct span *out)
{
    bool own = json_has(root, "quote"), intel = json_has(root, "intel_quote");
    struct span text;
    if (evidence_azure_is(root))
        return evidence_azure_read(root, out, t->a, t->err);
    if (!own && !intel)
        return has_report(root) ? read_report_member(t, root, out) : refuse_json(t, root);
    if (own && intel)
        return err_fail(t->err, SITUS_DUPLICATE, t->part, "intel_quote", SITUS_NO_OFFSET,
                        "one quote", "\"quote\" and \"intel_quote\"");
    return json_get_text(root, own ? "quote" : "intel_quote", &text, t->err) &&
           read_digits(t, text, out);
}

static bool read_json(const struct text *t, struct span s, struct span *out)
{
    struct json_doc doc = {0};
    struct json root;
    bool ok = json_read(&doc, &root, s, t->part, t->err);
    if (ok && json_has(&root, BUNDLE_TYPE_KEY))
        *out = s; /* a bundle: its reader decides */
    else
        ok = ok && read_quote_member(t, &root, out);
    json_free(&doc);
    return ok;
}

/* The text form of go-tdx-guest's tdx.QuoteV4. */
static bool is_protobuf(struct span s)
{
    struct span rest =
        span_starts(s, SPAN_LIT("header")) ? text_trim(span_cut(s, 6, s.n - 6)) : span_of(NULL, 0);
    return rest.n && (rest.p[0] == '{' || rest.p[0] == ':');
}

static bool read_text(const struct text *t, struct span s, struct span *out)
{
    const struct evidence_kind *other = evidence_kind_other(s);
    if (s.n == 0)
        return err_fail(t->err, SITUS_TOO_SHORT, t->part, "", SITUS_NO_OFFSET, EXPECTED, "blanks");
    if (span_starts(s, SPAN_LIT(PEM_BEGINS)))
        return read_armour(t, s, out);
    if (other)
        return refuse(t, other->what, other->hint);
    if (is_protobuf(s))
        return refuse(t, "the text form of a protocol buffer",
                      "give the quote itself, the bytes that it was made from");
    if (span_starts(s, SPAN_LIT("eyJ")) && memchr(s.p, '.', s.n))
        return refuse(t, "a token (JWT)",
                      "a token is a verifier's word, no evidence of the machine");
    if (span_starts(s, SPAN_LIT("-----BEGIN%20")))
        return refuse(t, "a header of Intel's service, URL-encoded", text_stands_for(s));
    return read_digits(t, s, out);
}

#define JSON_MORE (16 * 1024) /* what a bundle made of JSON takes beside four times the text */

size_t situs_evidence_memory(struct situs_item in)
{
    struct span s = item_span(in);
    size_t n = text_trim(s).n && text_trim(s).p[0] == '{' ? 4 : 1;
    return s.n > (SIZE_MAX - JSON_MORE) / n ? SIZE_MAX : n * s.n + JSON_MORE;
}

bool situs_evidence_read(struct situs_item in, struct situs_memory memory, struct situs_item *out,
                         struct situs_err *err)
{
    struct arena a = arena_new(memory.p, memory.p ? memory.size : 0);
    struct span bytes = item_span(in), s = text_trim(bytes), found = {0};
    struct text t = {.part = in.name ? in.name : "evidence", .size = bytes.n, .a = &a, .err = err};
    const struct evidence_kind *other = evidence_kind_other(bytes);
    bool json = s.n && s.p[0] == '{', ok;
    *err = (struct situs_err){0};
    *out = (struct situs_item){in.name, NULL, 0};
    if (bytes.n == 0) {
        err_fail(err, in.p ? SITUS_TOO_SHORT : SITUS_MISSING, t.part, "", SITUS_NO_OFFSET, EXPECTED,
                 "an empty file");
        return err_hint(err, "what wrote it failed: collect the evidence again");
    }
    if (bytes.n > LIMIT_EVIDENCE_TEXT)
        return err_fail(err, SITUS_TOO_LONG, t.part, "", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_EVIDENCE_TEXT), TEXT_BYTES(bytes.n));
    t.room = memory.p ? arena_take(&a, bytes.n) : NULL;
    if (!t.room)
        return err_fail(err, SITUS_NO_MEMORY, t.part, "", SITUS_NO_OFFSET, TEXT_BYTES(bytes.n),
                        TEXT_BYTES(memory.size));
    if (json || is_text(bytes)) {
        ok = json ? read_json(&t, s, &found) : read_text(&t, s, &found);
    } else {
        found = bytes; /* situs_verify says where bytes that are none of ours fail */
        ok = !other || refuse(&t, other->what, other->hint);
    }
    if (ok)
        *out = item_of(in.name, found);
    return ok;
}
