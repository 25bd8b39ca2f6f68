/* A line of the audit log; see audit_line.h. */
#include "audit/audit_line.h"

#include "base/text.h"
#include "codec/json/json.h"
#include "codec/json_out.h"
#include "crypto/digest.h"
#include "model/policy.h"

static void write_proofs(struct json_out *o, unsigned holds)
{
    json_out_name(o, "proofs");
    json_out_array(o);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (holds & proof)
            json_out_string(o, proof_name(proof));
    json_out_close(o);
}

/* A line as it is written: into its own room, and behind the others when it is whole. */
struct writing {
    uint8_t room[AUDIT_LINE];
    struct wr own;
    struct json_out o;
    struct audit_head next;
};

static void begin(struct writing *l, const struct audit_head *head, int64_t at)
{
    l->own = wr_new(l->room, sizeof l->room - 1);
    l->o = json_out_new(&l->own, false);
    l->next = (struct audit_head){.number = head->number + 1};
    json_out_object(&l->o);
    json_out_pair_num(&l->o, "n", (int64_t)l->next.number);
    json_out_pair_hex(&l->o, "prev", SPAN_ARR(head->sha256));
    json_out_pair_num(&l->o, "at", at);
}

static bool end(struct writing *l, struct wr *w, struct audit_head *head)
{
    json_out_close(&l->o);
    if (!json_out_end(&l->o) || !digest(HASH_SHA256, wr_span(&l->own), l->next.sha256))
        return false;
    size_t n = w->n;
    wr_bytes(w, wr_span(&l->own));
    wr_u8(w, '\n');
    if (!wr_ok(w)) {
        w->n = n;
        return false;
    }
    *head = l->next;
    return true;
}

bool audit_line_write(struct wr *w, struct audit_head *head, const struct audit_entry *e)
{
    struct writing l;
    begin(&l, head, e->at);
    json_out_pair_num(&l.o, "ask", (int64_t)e->request);
    json_out_pair_string(&l.o, "policy", e->policy);
    json_out_pair_hex(&l.o, "policy_sha256", span_of(e->policy_sha256, 32));
    json_out_pair_hex(&l.o, "evidence_sha256", span_of(e->evidence_sha256, 32));
    json_out_pair_string(&l.o, "verdict", e->exit == 0 ? "yes" : "no");
    json_out_pair_num(&l.o, "exit", e->exit);
    write_proofs(&l.o, e->proofs);
    json_out_pair_bool(&l.o, "archived", e->archived);
    json_out_pair_bool(&l.o, "simulated", e->simulated);
    json_out_pair_num(&l.o, "judges", e->judges);
    if (e->token)
        json_out_pair_hex(&l.o, "jti", span_of(e->token, 16));
    return end(&l, w, head);
}

bool audit_line_forget(struct wr *w, struct audit_head *head, const struct audit_forgotten *f)
{
    struct writing l;
    uint8_t row[32];
    const struct span rest[] = {span_of(f->subject, strlen(f->subject) + 1),
                                span_text(f->facility)};
    if (!digest2(HASH_SHA256, rest[0], rest[1], row))
        return false;
    begin(&l, head, f->at);
    json_out_pair_string(&l.o, "forgets", f->kind);
    json_out_pair_string(&l.o, "anchor", f->anchor);
    json_out_pair_hex(&l.o, "row_sha256", SPAN_ARR(row));
    json_out_pair_num(&l.o, "number", f->number);
    return end(&l, w, head);
}

bool audit_line_read(struct span line, const char *part, struct audit_head *before,
                     struct audit_head *head, int64_t *at, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    int64_t n = 0;
    *before = *head = (struct audit_head){0};
    if (line.n >= AUDIT_LINE)
        return err_fail(err, SITUS_TOO_LONG, part, "line", 0, TEXT_BYTES(AUDIT_LINE - 1),
                        TEXT_BYTES(line.n));
    bool ok = json_read(&doc, &root, line, part, err) &&
              json_get_num(&root, "n", 1, INT64_MAX, &n, err) &&
              json_get_hex(&root, "prev", before->sha256, sizeof before->sha256, err) &&
              json_get_num(&root, "at", 0, INT64_MAX, at, err) &&
              (digest(HASH_SHA256, line, head->sha256) ||
               err_fail(err, SITUS_INTERNAL, part, "", SITUS_NO_OFFSET, NULL, NULL));
    head->number = (uint64_t)n;
    before->number = (uint64_t)n - 1;
    json_free(&doc);
    if (!ok)
        *before = *head = (struct audit_head){0};
    return ok;
}
