/* The log; see front_log.h. */
#include "serve/front/front_log.h"

#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#define LINE 2048

/* traceparent is 2, 32, 16 and 2 hex digits with - between (W3C Trace Context, 3.2); what is none
 * is left out. */
static bool traced(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (i == 2 || i == 35 || i == 52 ? s.p[i] != '-'
                                         : !s.p[i] || !strchr("0123456789abcdef", s.p[i]))
            return false;
    return s.n == 55;
}

/* end_line writes the line, or counts it where it does not fit, or nobody reads the log: nobody waits for that. A pipe that takes anything
 * takes PIPE_BUF bytes (pipe(7)), and a line is shorter. */
static void end_line(struct json_out *o, struct wr *w)
{
    static uint64_t lost;
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (lost)
        json_out_pair_num(o, "lost", (int64_t)lost);
    json_out_close(o);
    json_out_end(o);
    wr_u8(w, '\n');
    struct span line = wr_span(w);
    bool reads = poll(&log, 1, 0) == 1 && (log.revents & POLLOUT);
    bool whole = line.n && reads && write(STDERR_FILENO, line.p, line.n) == (ssize_t)line.n;
    lost = whole ? 0 : lost + 1;
}

void front_log_event(const char *event)
{
    uint8_t line[LINE];
    struct wr w = wr_new(line, sizeof line);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "time", TEXT_TIME(time(NULL)));
    json_out_pair_string(&o, "event", event);
    end_line(&o, &w);
}

void front_log(const struct front_call *c, int64_t milliseconds)
{
    uint8_t line[LINE];
    char room[HTTP_FIELD_MAX];
    struct wr w = wr_new(line, sizeof line);
    struct json_out o = json_out_new(&w, false);
    struct span trace = http_call_header(c->http, "traceparent", room);
    json_out_object(&o);
    json_out_pair_string(&o, "time", TEXT_TIME(time(NULL)));
    json_out_pair_num(&o, "request", (int64_t)c->http->number);
    if (c->ask.id)
        json_out_pair_num(&o, "ask", (int64_t)c->ask.id);
    json_out_pair_text(&o, "method", span_text(TEXT_CUT(span_text(c->http->method))));
    json_out_pair_string(&o, "path", c->row ? c->row->path : "");
    json_out_pair_num(&o, "status", c->http->status);
    json_out_pair_num(&o, "ms", milliseconds);
    json_out_pair_num(&o, "in", (int64_t)c->http->body_n);
    json_out_pair_num(&o, "out", (int64_t)c->http->answer_n);
    if (c->policy[0])
        json_out_pair_string(&o, "policy", c->policy);
    if (c->exit >= 0)
        json_out_pair_num(&o, "exit", c->exit);
    if (c->said)
        json_out_pair_string(&o, "problem", c->said);
    if (traced(trace))
        json_out_pair_text(&o, "traceparent", trace);
    end_line(&o, &w);
}
