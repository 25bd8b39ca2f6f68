/* Machines for people and programs; see machine_text.h. */
#include "serve/world/machine_text.h"

#include "base/time.h"
#include "codec/json_out.h"

static void time_pair(struct json_out *o, const char *name, int64_t at)
{
    if (at > 0 && at < RECORD_NO_END)
        json_out_pair_string(o, name, TEXT_TIME(at));
}

static void write_ids(struct json_out *o, const struct continuity_facts *f)
{
    static const char *const names[RECORD_IDS] = {[RECORD_AK] = "ak_name",
                                                  [RECORD_EK] = "ek_name",
                                                  [RECORD_PLATFORM] = "platform",
                                                  [RECORD_LAUNCH] = "launch"};
    json_out_name(o, "known_by");
    json_out_object(o);
    for (size_t i = 0; i < RECORD_IDS; i++)
        if (f->machine.ids[i].n)
            json_out_pair_hex(o, names[i], span_of(f->machine.ids[i].v, f->machine.ids[i].n));
    json_out_pair_hex(o, "channel_sha256", SPAN_ARR(f->channel));
    json_out_close(o);
}

/* write_span writes a span that goes on, or the last that ended. */
static void write_span(struct json_out *o, const struct continuity_row *r)
{
    json_out_name(o, "span");
    json_out_object(o);
    json_out_pair_num(o, "number", (int64_t)r->span);
    json_out_pair_string(o, "began_by", continuity_kind_word(r->began_by));
    time_pair(o, "since", r->since);
    time_pair(o, "last", r->last);
    json_out_pair_num(o, "answers", (int64_t)r->answers);
    json_out_pair_num(o, "longest_gap_ms", r->longest_gap);
    json_out_close(o);
    write_ids(o, &r->facts);
}

/* write_state writes what its keeper knows. */
static void write_state(struct json_out *o, const struct continuity_row *r)
{
    json_out_pair_string(o, "state", continuity_state_word(continuity_told(r)));
    json_out_pair_bool(o, "observed", r->observed && !r->gap);
    if (r->state == CONTINUITY_BROKEN) {
        json_out_pair_string(o, "reason", continuity_reason_word(r->reason));
        json_out_pair_string(o, "whose", continuity_reason_whose(r->reason));
        time_pair(o, "broken_at", r->broken_at);
    } else {
        time_pair(o, "until", r->until);
        if (r->ends[0])
            json_out_pair_string(o, "ends", r->ends);
    }
    time_pair(o, "alarm_at", r->alarm_at);
    json_out_pair_num(o, "others_answers", (int64_t)r->noise);
    if (r->answers)
        write_span(o, r);
}

void machine_text_write(struct wr *w, const struct serve_machine *m, const struct continuity_row *r,
                        int64_t at)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "machine", m->name);
    json_out_pair_string(&o, "policy", m->policy_name);
    if (m->site)
        json_out_pair_string(&o, "site", m->site);
    json_out_pair_string(&o, "at", TEXT_TIME(at));
    json_out_pair_num(&o, "within_seconds", m->terms.h / 1000);
    if (r)
        write_state(&o, r);
    else
        json_out_pair_string(&o, "state", "elsewhere");
    json_out_close(&o);
    json_out_end(&o);
}
