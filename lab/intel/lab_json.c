/* The parts that TCB info and QE identity share; see lab_json.h. */
#include "lab/intel/lab_json.h"

void lab_json_hex(struct lab_buf *b, const char *key, struct span value)
{
    lab_buf_format(b, "\"%s\":\"", key);
    lab_buf_hex(b, value);
    lab_buf_text(b, "\"");
}

void lab_json_status(struct lab_buf *b, const struct lab_tcb_level *level)
{
    lab_buf_format(b, ",\"tcbDate\":\"%s\",\"tcbStatus\":\"%s\"", level->date, level->status);
    for (size_t i = 0; i < LAB_ADVISORIES && level->advisories[i] != NULL; i++)
        lab_buf_format(b, "%s\"%s\"", i ? "," : ",\"advisoryIDs\":[", level->advisories[i]);
    lab_buf_text(b, level->advisories[0] != NULL ? "]}" : "}");
}

void lab_json_levels(struct lab_buf *b, const struct lab_tcb_levels *levels)
{
    lab_buf_text(b, ",\"tcbLevels\":[");
    for (size_t i = 0; i < levels->n; i++) {
        lab_buf_format(b, "%s{\"tcb\":{\"isvsvn\":%u}", i ? "," : "", levels->v[i].isvsvn);
        lab_json_status(b, &levels->v[i]);
    }
    lab_buf_text(b, "]");
}

struct lab_signed lab_json_signed(struct lab_world *w, struct lab_buf *body, const char *name,
                                  enum lab_key key, const struct lab_edit before[LAB_EDITS],
                                  const struct lab_edit after[LAB_EDITS])
{
    uint8_t rs[64];
    struct lab_buf hex = {0}, answer = {0};
    lab_buf_edit(body, before);
    lab_key_sign(w, key, lab_buf_span(body), rs);
    lab_buf_edit(body, after);
    lab_buf_hex_lower(&hex, SPAN_ARR(rs));
    lab_buf_format(&answer, "{\"%s\":", name);
    lab_buf_bytes(&answer, lab_buf_span(body));
    lab_buf_text(&answer, ",\"signature\":\"");
    lab_buf_bytes(&answer, lab_buf_span(&hex));
    lab_buf_text(&answer, "\"}");
    return (struct lab_signed){
        .body = lab_world_keep(w, body),
        .signature = lab_world_keep(w, &hex),
        .answer = lab_world_keep(w, &answer),
    };
}
