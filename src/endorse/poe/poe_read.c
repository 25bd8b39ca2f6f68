/* Reading of ownership endorsements; see poe.h. Sections are those of the draft. */
#include "base/text.h"
#include "endorse/poe/poe_wire.h"

/* What a reader of one map's entry does with its value; key is the integer label. */
typedef void entry_fn(struct cbor *c, struct poe *p, int64_t key);

/* Reads a map and hands each integer key to entry, which reads the value. Keys of another type are
 * the business of text, or ignored with their value when there is none (section 3.1.2). */
static void read_map(struct cbor *c, struct poe *p, const char *field, entry_fn *entry,
                     void (*text)(struct cbor *, struct poe *, struct span))
{
    for (size_t n = cbor_map(c, field); n > 0 && cbor_ok(c); n--) {
        enum cbor_kind kind = cbor_peek(c);
        if (kind == CBOR_TEXT && text) {
            text(c, p, cbor_text(c, field));
        } else if (kind == CBOR_UINT || kind == CBOR_NINT) {
            entry(c, p, cbor_int(c, field));
        } else {
            cbor_skip(c, field);
            cbor_skip(c, field);
        }
    }
    cbor_leave(c, field);
}

static struct span tagged_text(struct cbor *c, uint64_t tag, const char *field)
{
    cbor_tag_is(c, tag, field);
    return cbor_text(c, field);
}

/* Section 3.3 and decision: ESP384, or ES384 of older issuers; nothing else. */
static void read_alg(struct cbor *c, struct poe *p)
{
    size_t at = cbor_at(c);
    p->alg = cbor_int(c, "protected.alg");
    if (cbor_ok(c) && p->alg != COSE_ESP384 && p->alg != COSE_ES384)
        cbor_fail(c, SITUS_NOT_ALLOWED, "protected.alg", at, "-51 (ESP384) or -35 (ES384)",
                  TEXT_NUM(p->alg));
}

static void read_content_type(struct cbor *c, struct poe *p)
{
    size_t at = cbor_at(c);
    p->content_type = cbor_text(c, "protected.content_type");
    if (cbor_ok(c) && !span_equal(p->content_type, SPAN_LIT(POE_CONTENT_TYPE)))
        cbor_fail(c, SITUS_MISMATCH, "protected.content_type", at, POE_CONTENT_TYPE,
                  TEXT_CUT(p->content_type));
}

/* Section 3.2: exactly one kid in both headers together. */
static void read_kid(struct cbor *c, struct poe *p, const char *field)
{
    size_t at = cbor_at(c);
    bool again = p->kid.p != NULL;
    p->kid = cbor_bytes(c, field);
    if (cbor_ok(c) && again)
        cbor_fail(c, SITUS_DUPLICATE, field, at, "one kid", "one in each header");
    else if (cbor_ok(c) && p->kid.n != POE_KID_SIZE)
        cbor_fail(c, SITUS_MALFORMED, field, at, "48 bytes", TEXT_BYTES(p->kid.n));
}

/* Section 3.2: times belong into rim-validity; here they would be read by others and not by us. */
static void cwt_claim(struct cbor *c, struct poe *p, int64_t key)
{
    enum { ISS = 1, EXP = 4, NBF = 5 }; /* RFC 8392, 4 */
    if (key == ISS)
        p->iss = cbor_text(c, "protected.cwt_claims.iss");
    else if (key == EXP || key == NBF)
        cbor_fail(c, SITUS_NOT_ALLOWED,
                  key == EXP ? "protected.cwt_claims.exp" : "protected.cwt_claims.nbf", cbor_at(c),
                  "no time beside rim-validity", NULL);
    else
        cbor_skip(c, "protected.cwt_claims");
}

static void protected_entry(struct cbor *c, struct poe *p, int64_t label)
{
    switch (label) {
    case COSE_ALG:
        read_alg(c, p);
        break;
    case COSE_CRIT: /* section 3.1.2; an empty one is invalid COSE (RFC 9052, 3.1) */
        cbor_fail(c, SITUS_UNSUPPORTED, "protected.crit", cbor_at(c), "no critical headers", NULL);
        break;
    case COSE_CONTENT_TYPE:
        read_content_type(c, p);
        break;
    case COSE_KID:
        read_kid(c, p, "protected.kid");
        break;
    case COSE_CWT_CLAIMS:
        read_map(c, p, "protected.cwt_claims", cwt_claim, NULL);
        break;
    default: /* corim-meta (8) and all others: section 3.1.2 */
        cbor_skip(c, "protected");
    }
}

/* Section 3.4: a hint, for nobody to follow blindly. */
static void protected_text(struct cbor *c, struct poe *p, struct span label)
{
    if (!span_equal(label, SPAN_LIT(POE_REFRESH_URI))) {
        cbor_skip(c, "protected");
        return;
    }
    size_t at = cbor_at(c);
    p->refresh_uri = tagged_text(c, TAG_URI, "protected.refresh_uri");
    if (cbor_ok(c) && (p->refresh_uri.n == 0 || p->refresh_uri.n > POE_REFRESH_MAX))
        cbor_fail(c, SITUS_MALFORMED, "protected.refresh_uri", at, "1 to 1024 bytes",
                  TEXT_BYTES(p->refresh_uri.n));
}

static bool read_protected(struct poe *p, const char *part, struct cbor_keys *keys,
                           struct situs_err *err)
{
    struct cbor c = cbor_foreign(p->cose.headers, p->cose.headers_at, part, keys, err);
    read_map(&c, p, "protected", protected_entry, protected_text);
    poe_wire_need(&c, p->alg != 0, "protected.alg", "-51 (ESP384) or -35 (ES384)");
    poe_wire_need(&c, p->content_type.n > 0, "protected.content_type", POE_CONTENT_TYPE);
    poe_wire_need(&c, p->iss.n > 0, "protected.cwt_claims.iss", "the issuer's name");
    return cbor_end(&c, "protected");
}

/* RFC 9360, 2: one certificate is a byte string; an array has two or more. Leaf first. */
static void read_x5chain(struct cbor *c, struct poe *p)
{
    const char *field = "unprotected.x5chain";
    size_t at = cbor_at(c);
    struct cbor whole = *c;
    p->x5chain = cbor_skip(&whole, field);
    if (cbor_peek(c) != CBOR_ARRAY) {
        p->certs[p->n_certs++] = cbor_bytes(c, field);
        return;
    }
    size_t n = cbor_array(c, field);
    if (cbor_ok(c) && n < 2)
        cbor_fail(c, SITUS_MALFORMED, field, at, "a byte string, or an array of two or more",
                  "an array of fewer");
    else if (cbor_ok(c) && n > LIMIT_CHAIN_CERTS)
        cbor_fail(c, SITUS_TOO_LONG, field, at, TEXT_NUM(LIMIT_CHAIN_CERTS), TEXT_NUM(n));
    while (cbor_ok(c) && p->n_certs < n)
        p->certs[p->n_certs++] = cbor_bytes(c, field);
    cbor_leave(c, field);
}

/* What only the protected header may say is refused here: nobody signs it, others might use it. */
static void unprotected_entry(struct cbor *c, struct poe *p, int64_t label)
{
    switch (label) {
    case COSE_KID:
        read_kid(c, p, "unprotected.kid");
        break;
    case COSE_X5CHAIN:
        read_x5chain(c, p);
        break;
    case COSE_ALG:
    case COSE_CRIT:
    case COSE_CONTENT_TYPE:
    case COSE_CWT_CLAIMS:
        cbor_fail(c, SITUS_NOT_ALLOWED, "unprotected", cbor_at(c),
                  "a label that need not be signed", TEXT_NUM(label));
        break;
    default:
        cbor_skip(c, "unprotected");
    }
}

static bool read_unprotected(struct poe *p, const char *part, struct cbor_keys *keys,
                             struct situs_err *err)
{
    struct cbor c = cbor_foreign(p->cose.unprotected, p->cose.unprotected_at, part, keys, err);
    read_map(&c, p, "unprotected", unprotected_entry, NULL);
    poe_wire_need(&c, p->n_certs > 0, "unprotected.x5chain", "the issuer's certificates");
    poe_wire_need(&c, p->kid.p != NULL, "kid", "the thumbprint of the issuer's key");
    return cbor_end(&c, "unprotected");
}

/* Section 3.5.3: the major version is ours; a minor is decimal digits without a leading zero. */
static void read_profile(struct cbor *c)
{
    size_t at = cbor_at(c);
    struct span v = tagged_text(c, TAG_URI, "corim.profile");
    struct span prefix = SPAN_LIT(POE_PROFILE);
    bool ok = span_starts(v, prefix) && v.n > prefix.n;
    for (size_t i = prefix.n; ok && i < v.n; i++)
        ok = v.p[i] >= '0' && v.p[i] <= '9';
    if (ok && v.n > prefix.n + 1)
        ok = v.p[prefix.n] != '0';
    if (cbor_ok(c) && !ok)
        cbor_fail(c, SITUS_UNSUPPORTED, "corim.profile", at, POE_PROFILE "<minor>", TEXT_CUT(v));
}

static int64_t read_time(struct cbor *c, const char *field)
{
    const int64_t last = 253402300799; /* 9999-12-31T23:59:59Z: the last that RFC 3339 can write */
    size_t at = cbor_at(c);
    cbor_tag_is(c, TAG_EPOCH, field);
    int64_t t = cbor_number(c, field);
    if (cbor_ok(c) && (t < 0 || t > last))
        cbor_fail(c, SITUS_UNSUPPORTED, field, at, "a time from 1970 to 9999", TEXT_NUM(t));
    return t;
}

/* Section 3.5.4: both ends. */
static void read_validity(struct cbor *c, struct poe *p)
{
    bool from = false, to = false;
    for (size_t n = cbor_map(c, "corim.rim_validity"); n > 0 && cbor_ok(c); n--) {
        int64_t key = poe_wire_key(c, "corim.rim_validity");
        if (key == 0) {
            p->validity.from = read_time(c, "corim.rim_validity.not_before");
            from = true;
        } else if (key == 1) {
            p->validity.to = read_time(c, "corim.rim_validity.not_after");
            to = true;
        } else {
            cbor_skip(c, "corim.rim_validity");
        }
    }
    cbor_leave(c, "corim.rim_validity");
    poe_wire_need(c, from, "corim.rim_validity.not_before", "the begin of the window");
    poe_wire_need(c, to, "corim.rim_validity.not_after", "the end of the window");
}

/* Section 3.5.2: one tag, and it is a CoMID. */
static void read_tags(struct cbor *c, struct poe *p)
{
    poe_wire_array(c, 1, "corim.tags");
    cbor_tag_is(c, TAG_COMID, "corim.tags");
    struct cbor inside = cbor_inside(c, "corim.tags");
    if (!poe_read_comid(&inside, p))
        cbor_fail(c, SITUS_MALFORMED, "comid", cbor_at(c), NULL, NULL);
    cbor_leave(c, "corim.tags");
}

static bool read_payload(struct poe *p, const char *part, struct cbor_keys *keys,
                         struct situs_err *err)
{
    enum { ID, TAGS, PROFILE = 3, VALIDITY = 4, KEYS }; /* corim-map */
    bool given[KEYS] = {false};
    struct cbor c = cbor_foreign(p->cose.payload, p->cose.payload_at, part, keys, err);
    cbor_tag_is(&c, TAG_CORIM, "corim.tag");
    for (size_t n = cbor_map(&c, "corim"); n > 0 && cbor_ok(&c); n--) {
        int64_t key = poe_wire_key(&c, "corim");
        if (key == ID)
            p->id = poe_wire_id(&c, "corim.id");
        else if (key == TAGS)
            read_tags(&c, p);
        else if (key == PROFILE)
            read_profile(&c);
        else if (key == VALIDITY)
            read_validity(&c, p);
        else
            cbor_skip(&c, "corim");
        if (key >= 0 && key < KEYS)
            given[key] = true;
    }
    cbor_leave(&c, "corim");
    poe_wire_need(&c, given[PROFILE], "corim.profile", POE_PROFILE "<minor>");
    poe_wire_need(&c, given[ID], "corim.id", "16 bytes or text");
    poe_wire_need(&c, given[TAGS], "corim.tags", "one CoMID");
    poe_wire_need(&c, given[VALIDITY], "corim.rim_validity", "a window");
    return cbor_end(&c, "corim");
}

bool poe_read(struct poe *p, struct span in, const char *part, struct situs_err *err)
{
    struct cbor_keys keys;
    *p = (struct poe){.whole = in};
    if (in.n > LIMIT_POE)
        return err_fail(err, SITUS_TOO_LONG, part, "size", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_POE),
                        TEXT_BYTES(in.n));
    if (cose_read(&p->cose, in, part, err) && read_protected(p, part, &keys, err) &&
        read_unprotected(p, part, &keys, err) && read_payload(p, part, &keys, err))
        return true;
    *p = (struct poe){.alg = 0};
    return false;
}
