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

bool audit_line_write(struct wr *w, struct audit_head *head, const struct audit_entry *e)
{
    uint8_t line[AUDIT_LINE];
    struct wr own = wr_new(line, sizeof line - 1);
    struct json_out o = json_out_new(&own, false);
    struct audit_head next = {.number = head->number + 1};
    json_out_object(&o);
    json_out_pair_num(&o, "n", (int64_t)next.number);
    json_out_pair_hex(&o, "prev", SPAN_ARR(head->sha256));
    json_out_pair_num(&o, "at", e->at);
    json_out_pair_num(&o, "ask", (int64_t)e->request);
    json_out_pair_string(&o, "policy", e->policy);
    json_out_pair_hex(&o, "policy_sha256", span_of(e->policy_sha256, 32));
    json_out_pair_hex(&o, "evidence_sha256", span_of(e->evidence_sha256, 32));
    json_out_pair_string(&o, "verdict", e->exit == 0 ? "yes" : "no");
    json_out_pair_num(&o, "exit", e->exit);
    write_proofs(&o, e->proofs);
    json_out_pair_bool(&o, "archived", e->archived);
    json_out_pair_bool(&o, "simulated", e->simulated);
    json_out_pair_num(&o, "judges", e->judges);
    if (e->token)
        json_out_pair_hex(&o, "jti", span_of(e->token, 16));
    json_out_close(&o);
    if (!json_out_end(&o) || !digest(HASH_SHA256, wr_span(&own), next.sha256))
        return false;
    size_t n = w->n;
    wr_bytes(w, wr_span(&own));
    wr_u8(w, '\n');
    if (!wr_ok(w)) {
        w->n = n;
        return false;
    }
    *head = next;
    return true;
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
