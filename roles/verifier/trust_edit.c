/* The text of a trust file; see trust_edit.h. What people wrote stays as they wrote it. */
#include "verifier/trust_edit.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/json_out.h"
#include "codec/pem.h"
#include "frame/place.h"

static bool fail(enum situs_code code, const char *expected, const char *got, const char *hint,
                 struct situs_err *err)
{
    err_fail(err, code, "certificate", "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

bool trust_edit_certificate(struct span file, struct arena *a, struct span *der,
                            struct situs_err *err)
{
    struct situs_err why = {0};
    struct rd r = rd_new(file, 0, "certificate", &why);
    bool is_der = file.n && file.p[0] == 0x30 && file.n <= LIMIT_CERT; /* SEQUENCE (X.690 8.9) */
    *der = is_der ? file : span_of(NULL, 0);
    if (is_der)
        return true;
    if (!pem_find(&r, PEM_CERTIFICATE))
        return fail(SITUS_MALFORMED, "a certificate, PEM or DER", "no such bytes",
                    "give the root certificate of whoever you trust", err);
    bool whole = pem_block(&r, PEM_CERTIFICATE, "pem", a, der) && der->n <= LIMIT_CERT;
    if (pem_find(&r, PEM_CERTIFICATE))
        return fail(SITUS_DUPLICATE, "one certificate", "several",
                    "a chain has one root: put it into a file of its own", err);
    return whole || fail(SITUS_MALFORMED, "a PEM block (RFC 7468)", "a damaged one",
                         "get the certificate again", err);
}

static void put_pem(struct json_out *o, struct span der)
{
    char pem[3 * LIMIT_CERT];
    struct wr w = wr_new(pem, sizeof pem);
    pem_write(&w, PEM_CERTIFICATE, der);
    json_out_pair_text(o, "pem", wr_span(&w));
}

static void put_anchor(const struct trust_new *anchor, struct wr *w)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "name", anchor->name);
    json_out_name(&o, "for");
    json_out_array(&o);
    for (size_t i = 0; i < anchor->uses->n; i++)
        json_out_string(&o, anchor->uses->v[i]);
    json_out_close(&o);
    if (anchor->profile)
        json_out_pair_string(&o, "profile", anchor->profile);
    if (anchor->simulated)
        json_out_pair_bool(&o, "simulated", true);
    put_pem(&o, anchor->der);
    json_out_close(&o);
    json_out_end(&o);
}

/* The member "anchors" of the root. */
struct search {
    struct span anchors;
    bool any; /* another member */
};

static bool see(void *own, const struct place_value *v)
{
    struct search *s = own;
    s->any = true;
    if (strcmp(v->path, "anchors") == 0)
        s->anchors = v->bytes;
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

void trust_edit_add(struct span text, const struct trust_new *anchor, struct wr *w)
{
    struct search s = {{0}, false};
    size_t at, brace = 0;
    if (text.n == 0) {
        wr_text(w, "{\"builtin\": true,\n \"anchors\": [\n  ");
        put_anchor(anchor, w);
        wr_text(w, "]}\n");
        return;
    }
    place_values(text, see, &s);
    if (s.anchors.n < 2) { /* none, or what is no list: the reader says so */
        while (brace < text.n && text.p[brace] != '{')
            brace++;
        wr_bytes(w, span_cut(text, 0, brace));
        wr_text(w, "{\"anchors\": [\n  ");
        put_anchor(anchor, w);
        wr_text(w, s.any ? "],\n" : "]");
        wr_bytes(w, span_cut(text, brace + (brace < text.n), text.n - brace - (brace < text.n)));
        return;
    }
    at = (size_t)(s.anchors.p - text.p) + s.anchors.n - 1; /* of the list's bracket */
    while (at > 0 && is_blank(text.p[at - 1]))
        at--;
    wr_bytes(w, span_cut(text, 0, at));
    wr_text(w, text.p[at - 1] == '[' ? "\n  " : ",\n  ");
    put_anchor(anchor, w);
    wr_bytes(w, span_cut(text, at, text.n - at));
}
