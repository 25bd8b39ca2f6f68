/* Metrics (OpenMetrics 1.0.0). Labels are rows of tables: nobody who asks makes new ones. */
#include "base/wr.h"
#include "serve/front/front_does.h"
#include "serve/front/front_state.h"

#include <stdlib.h>

#define METRICS_MAX (256 * 1024)

static const char *path_of(const struct front *f, size_t row)
{
    return row < f->n_rows ? f->rows[row].path : "none";
}

static const char *method_of(const struct front *f, size_t row)
{
    return row < f->n_rows ? f->rows[row].method : "none";
}

static void gauge(struct wr *w, const char *name, const char *help, uint64_t v)
{
    wr_format(w, "# TYPE situs_front_%s gauge\n# HELP situs_front_%s %s\nsitus_front_%s %llu\n",
              name, name, help, name, (unsigned long long)v);
}

static void counter(struct wr *w, const char *name, const char *help, uint64_t v)
{
    wr_format(
        w, "# TYPE situs_front_%s counter\n# HELP situs_front_%s %s\nsitus_front_%s_total %llu\n",
        name, name, help, name, (unsigned long long)v);
}

static void requests(struct wr *w, const struct front *f)
{
    wr_text(w, "# TYPE situs_front_requests counter\n"
               "# HELP situs_front_requests Requests that are over, by path and status.\n");
    for (size_t row = 0; row <= f->n_rows; row++)
        for (size_t i = 0; i < FRONT_STATUSES; i++)
            if (f->count.requests[row][i])
                wr_format(
                    w, "situs_front_requests_total{path=\"%s\",method=\"%s\",status=\"%u\"} %llu\n",
                    path_of(f, row), method_of(f, row), front_count_status(i),
                    (unsigned long long)f->count.requests[row][i]);
}

static void times_of(struct wr *w, const struct front *f, size_t row)
{
    uint64_t sum = 0;
    for (size_t i = 0; i <= FRONT_BUCKETS; i++) {
        sum += f->count.buckets[row][i];
        wr_format(w, "situs_front_request_seconds_bucket{path=\"%s\",method=\"%s\",le=\"",
                  path_of(f, row), method_of(f, row));
        if (i < FRONT_BUCKETS)
            wr_format(w, "%u.%03u", front_count_bound(i) / 1000, front_count_bound(i) % 1000);
        else
            wr_text(w, "+Inf");
        wr_format(w, "\"} %llu\n", (unsigned long long)sum);
    }
    wr_format(w, "situs_front_request_seconds_count{path=\"%s\",method=\"%s\"} %llu\n",
              path_of(f, row), method_of(f, row), (unsigned long long)sum);
    wr_format(w, "situs_front_request_seconds_sum{path=\"%s\",method=\"%s\"} %llu.%03llu\n",
              path_of(f, row), method_of(f, row),
              (unsigned long long)(f->count.milliseconds[row] / 1000),
              (unsigned long long)(f->count.milliseconds[row] % 1000));
}

static void times(struct wr *w, const struct front *f)
{
    wr_text(
        w,
        "# TYPE situs_front_request_seconds histogram\n# UNIT situs_front_request_seconds seconds\n"
        "# HELP situs_front_request_seconds From a request's first line to the end of its "
        "answer.\n");
    for (size_t row = 0; row <= f->n_rows; row++)
        if (f->count.buckets[row][FRONT_BUCKETS] || f->count.milliseconds[row] ||
            f->count.buckets[row][0])
            times_of(w, f, row);
}

static void exits(struct wr *w, const struct front *f)
{
    wr_text(w, "# TYPE situs_front_appraisals counter\n"
               "# HELP situs_front_appraisals Appraisals that were answered, by the exit code of "
               "situs verify.\n");
    for (size_t i = 0; i < sizeof f->count.exits / sizeof *f->count.exits; i++)
        if (f->count.exits[i])
            wr_format(w, "situs_front_appraisals_total{exit=\"%zu\"} %llu\n", i,
                      (unsigned long long)f->count.exits[i]);
}

/* answer puts the front's own before what the keeper told. */
static void answer(struct front_call *c, struct span told)
{
    const struct front *f = c->front;
    struct http_counts now = http_server_counts(f->server);
    uint8_t *text = malloc(METRICS_MAX);
    struct wr w = wr_new(text, text ? METRICS_MAX : 0);
    gauge(&w, "connections", "Connections that are open.", now.connections);
    gauge(&w, "requests_open", "Requests that are not over.", now.requests);
    gauge(&w, "body_bytes", "Bytes of bodies that are kept.", now.bodies);
    gauge(&w, "keeper_waiting", "Asks that the keeper has not answered.", f->keeper.waiting);
    gauge(&w, "keeper_up", "1 while the keeper answers.", f->keeper.fd >= 0);
    counter(&w, "crowded", "Connections that were cut off to make room for others.", now.crowded);
    counter(&w, "late",
            "Connections that were cut off in the middle of a request, by their deadline.",
            now.late);
    counter(&w, "bodies_refused", "Bodies that were refused because all together were too large.",
            now.full);
    requests(&w, f);
    times(&w, f);
    exits(&w, f);
    wr_bytes(&w, told);
    wr_text(&w, "# EOF\n");
    if (wr_span(&w).n)
        front_answer(c, 200, c->accepted, wr_span(&w), 0);
    else
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
    free(text);
}

static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    (void)a;
    answer(c, t->text[0]);
}

void front_metrics(struct front_call *c)
{
    c->ask.kind = TALK_METRICS;
    if (c->front->keeper.fd < 0)
        answer(c, (struct span){0});
    else
        front_keeper_ask(&c->front->keeper, c, told);
}
