/* Tokens of Microsoft Azure Attestation; see maa_token.h. */
#include "endorse/vouch/maa_token.h"

#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "endorse/signed_doc.h"

#define TYPE "x-ms-attestation-type"
#define TEXT_MAX 256 /* bytes of a text that is kept */
#define WANTED "azure-compliant-cvm"

static const struct {
    enum check_kind tee;
    enum claim_id claim;
    size_t size;
    const char *name;
} rows[] = {
#define MAA_CLAIM(tee, claim, size, name) {KIND_##tee, CLAIM_##claim, size, name},
#include "endorse/vouch/maa_claims.def"
#undef MAA_CLAIM
};

/* A file ends its one line. */
static struct span one_line(struct span token)
{
    while (token.n && (token.p[token.n - 1] == '\n' || token.p[token.n - 1] == '\r'))
        token.n--;
    return token;
}

static bool keep_text(const struct json *object, const char *name, struct span *out,
                      struct arena *a, struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(object, name, &v, err) || !json_as_text(&v, &text, err))
        return false;
    if (text.n > TEXT_MAX)
        return json_fail(&v, SITUS_TOO_LONG, TEXT_BYTES(TEXT_MAX), TEXT_BYTES(text.n), err);
    return json_keep_text(&v, out, a, err);
}

/* What is not there is empty. */
static bool keep_some(const struct json *object, const char *name, struct span *out,
                      struct arena *a, struct situs_err *err)
{
    return !json_has(object, name) || keep_text(object, name, out, a, err);
}

static bool read_row(const struct json *tee, size_t i, struct vouched *v, struct arena *a,
                     struct situs_err *err)
{
    struct claim *is = &v->said[v->n_said].is;
    v->said[v->n_said++].id = rows[i].claim;
    is->set = true;
    if (rows[i].size == 0)
        return json_get_num(tee, rows[i].name, 0, UINT32_MAX, &is->num, err);
    uint8_t *bytes = arena_take(a, rows[i].size);
    if (!bytes)
        return json_no_memory(tee, err);
    is->bytes = span_of(bytes, rows[i].size);
    return json_get_hex(tee, rows[i].name, bytes, rows[i].size, err);
}

static enum check_kind kind_of(struct span type)
{
    return span_equal(type, SPAN_LIT("sevsnpvm")) ? KIND_SNP
           : span_equal(type, SPAN_LIT("tdxvm"))  ? KIND_TDX
                                                  : KIND_ANY;
}

/* What is said of a confidential VM's quote: at the top, or in x-ms-isolation-tee where MAA looked at the
 * VM's virtual TPM too ("azurevm"). */
static bool find_tee(const struct json *root, struct json *tee, struct vouched *v,
                     struct situs_err *err)
{
    struct json type;
    struct span text;
    *tee = *root;
    if (!json_get(root, TYPE, &type, err) || !json_as_text(&type, &text, err))
        return false;
    if (span_equal(text, SPAN_LIT("azurevm"))) {
        if (!json_get_object(root, "x-ms-isolation-tee", tee, err))
            return err_hint(err,
                            "a token without it is of an ordinary VM, not of a confidential one");
        if (!json_get(tee, TYPE, &type, err) || !json_as_text(&type, &text, err))
            return false;
    }
    v->tee = kind_of(text);
    return v->tee != KIND_ANY ||
           json_fail(&type, SITUS_UNSUPPORTED, "sevsnpvm or tdxvm", TEXT_CUT(text), err);
}

static bool read_time(const struct json *root, const char *name, int64_t *at, struct situs_err *err)
{
    return json_get_num(root, name, 0, SIGNED_DOC_TIME_MAX, at, err);
}

static bool read_claims(struct vouched *v, const struct json *root, struct arena *a,
                        struct situs_err *err)
{
    struct json tee;
    if (!json_as_object(root, err) || !keep_text(root, "iss", &v->issuer, a, err) ||
        !read_time(root, "iat", &v->iat, err) || !read_time(root, "nbf", &v->nbf, err) ||
        !read_time(root, "exp", &v->exp, err) || !find_tee(root, &tee, v, err) ||
        !keep_some(root, "x-ms-policy-hash", &v->policy, a, err) ||
        !keep_some(root, "x-ms-azurevm-vmid", &v->vm, a, err) ||
        !keep_some(&tee, "x-ms-compliance-status", &v->verdict, a, err))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].tee == v->tee && !read_row(&tee, i, v, a, err))
            return false;
    return true;
}

static bool open_token(const struct trust_verifier *by, struct span token, struct arena *a,
                       const char *part, struct situs_err *err)
{
    struct span payload;
    return jws_open_rsa(&payload, one_line(token), by->keys, by->n_keys, a, part, err);
}

bool maa_token_read(struct vouched *v, struct span token, struct arena *a, const char *part,
                    struct situs_err *err)
{
    struct arena scratch = *a; /* the tree that is read below holds no text of it */
    struct json_doc doc = {0};
    struct json root;
    struct span payload;
    *v = (struct vouched){.wanted = WANTED, .open = open_token};
    bool ok = jws_read_rsa(&payload, one_line(token), &scratch, part, err) &&
              json_read(&doc, &root, payload, part, err) && read_claims(v, &root, a, err);
    json_free(&doc);
    return ok;
}

/* Looked for in windows of the text that overlap, so that no memory is needed. */
#define LETTERS 64 /* 48 bytes */
#define STEP 24    /* 18 bytes, fewer than a window has beside the name */

bool maa_token_is(struct span token)
{
    const struct span name = SPAN_LIT("\"" TYPE "\"");
    struct span rest = one_line(token);
    uint8_t bytes[48];
    size_t n;
    const uint8_t *dot = span_starts(rest, SPAN_LIT("eyJ")) ? memchr(rest.p, '.', rest.n) : NULL;
    if (!dot)
        return false;
    rest = span_cut(rest, (size_t)(dot + 1 - rest.p), rest.n - (size_t)(dot + 1 - rest.p));
    dot = memchr(rest.p, '.', rest.n);
    rest.n = dot ? (size_t)(dot - rest.p) : rest.n;
    for (size_t at = 0; at < rest.n; at += STEP) {
        struct span window = span_cut(rest, at, rest.n - at < LETTERS ? rest.n - at : LETTERS);
        if (!base64url_read(bytes, sizeof bytes, &n, window))
            return false;
        for (size_t i = 0; i + name.n <= n; i++)
            if (span_equal(span_of(bytes + i, name.n), name))
                return true;
    }
    return false;
}

static bool is_maa(const char *name, struct span in)
{
    (void)name;
    return maa_token_is(in);
}

static bool read_maa(struct endorsement *e, const struct trust *once, struct arena *a,
                     struct situs_err *err)
{
    struct vouched *v = ARENA_NEW(a, struct vouched);
    (void)once;
    e->doc = v;
    return v ? maa_token_read(v, e->bytes, a, e->part, err) : endorsement_no_memory(e, err);
}

static void tell_maa(const struct endorsement *e, struct claims *c)
{
    vouching_tell(e->doc, c);
}

static void answer_maa(const struct endorsement *e, const struct question *q, struct answer *x)
{
    vouching_answer(e, e->doc, q, x);
}

const struct endorsement_does maa_token_endorsement = {.is = is_maa,
                                                       .read = read_maa,
                                                       .tell = tell_maa,
                                                       .family = &vouching_family,
                                                       .answer = answer_maa};
