/* One appraisal, by situs.h alone; see judge.h. */
#include "serve/judge/judge.h"

#include "base/item.h"

#include <stdlib.h>

static struct situs_request request_of(const struct serve_world *world, const struct judge_ask *ask)
{
    struct situs_request request = serve_loaded_request(&world->loaded[ask->policy]);
    request.at = ask->at;
    request.archived = ask->archived != 0;
    request.round_trip_us = ask->round_trip_us;
    request.early = ask->report ? request.early : NULL; /* for people; no record has it */
    request.span = ask->span.since ? &ask->span : NULL;
    if (ask->has_nonce)
        request.nonce = item_of("nonce", SPAN_ARR(ask->nonce));
    if (ask->channel_size)
        request.channel = item_of("channel", span_of(ask->channel, ask->channel_size));
    return request;
}

/* report_of is the report for people. */
static int report_of(const struct situs_result *r)
{
    char *text = malloc(JUDGE_REPORT_MAX);
    size_t n = text ? situs_result_json(r, text, JUDGE_REPORT_MAX) : JUDGE_REPORT_MAX;
    int fd = n < JUDGE_REPORT_MAX ? talk_memory(text, n) : -1;
    free(text);
    return fd;
}

bool judge_appraise(const struct serve_world *world, const struct judge_ask *ask,
                    const struct judge_given *given, struct token_record *record, int *report)
{
    struct situs_request request = request_of(world, ask);
    request.list_seen = given->seen;
    request.n_list_seen = given->n_seen;
    struct situs_item evidence = item_of("evidence", given->evidence);
    struct situs_err why = {0};
    size_t size = situs_evidence_memory(evidence);
    void *form = malloc(size);
    bool reads = form && situs_evidence_read(evidence, (struct situs_memory){form, size},
                                             &request.evidence, &why);
    if (!reads)
        request.evidence = evidence;
    size = situs_verify_memory(&request);
    void *memory = malloc(size);
    struct situs_memory room = {memory, memory ? size : 0};
    const struct situs_result *r = !form ? NULL
                                   : reads
                                       ? situs_verify(&request, room)
                                       : situs_refused(&request, SITUS_INPUT_EVIDENCE, &why, room);
    bool ok = r && record_of(r, &request, record, &why);
    *report = ok && ask->report ? report_of(r) : -1;
    ok = ok && (*report != -1 || !ask->report);
    free(memory);
    free(form);
    return ok;
}
