/* The story of a cloud that is watched; see lab_story.h. */
#include "lab/live/lab_story.h"

#include "base/text.h"
#include "codec/json/json.h"
#include "frame/out.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_warden.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EXPECTED 3 /* events of a chapter, at most */
#define LIST_SECONDS 10
#define PATIENCE \
    60 /* seconds beyond some H for an event: not for it to be right, but for the story to end */

struct expected {
    const char *kind, *reason; /* reason NULL: none */
};

static void power_cycle(struct lab_story *s, struct lab_hall_machine *m)
{
    (void)s;
    atomic_fetch_add(&m->fate->boots, 1);
}

/* The thief's tunnel takes a while, and less than an answer may. */
static void steal(struct lab_story *s, struct lab_hall_machine *m)
{
    atomic_store(&m->fate->delay_ms, s->within * 1000 / 8);
    power_cycle(s, m);
}

static void copy(struct lab_story *s, struct lab_hall_machine *m)
{
    lab_hall_clone(&s->hall, m);
}

/* The service refused what the machine answered up to now, so the provider's word must come after that: in another second. */
static void confirm(struct lab_story *s, struct lab_hall_machine *m)
{
    atomic_store(&m->fate->silent, true);
    lab_story_wait(s, 2);
    atomic_store(&m->fate->seen, (int64_t)time(NULL));
    atomic_store(&m->fate->silent, false);
}

static void sell(struct lab_story *s, struct lab_hall_machine *m)
{
    lab_hall_revoke(&s->hall, m);
    kill(s->service, SIGHUP);
}

static void be_late(struct lab_story *s, struct lab_hall_machine *m)
{
    (void)m;
    lab_hall_list(&s->hall, LIST_SECONDS);
    kill(s->service, SIGHUP);
}

/* hall-1 is not among them: nothing may ever be told of it. */
static const struct chapter {
    const char *machine, *told;
    void (*act)(struct lab_story *s, struct lab_hall_machine *m);
    struct expected expected[EXPECTED];
} chapters[] = {
    {"hall-2",
     "is power cycled and moved; what reaches it now goes through a tunnel",
     steal,
     {{"broken", "appraisal-refused"}, {"refused", "appraisal-refused"}}},
    {"hall-3",
     "is unplugged, and a copy of its guest with the same vTPM answers in its place",
     copy,
     {{"alarm", "key-changed"}, {"broken", "silence"}}},
    {"hall-6",
     "is power cycled by its provider, who has yet to look at it",
     power_cycle,
     {{"broken", "appraisal-refused"}, {"refused", "appraisal-refused"}}},
    {"hall-6",
     "was seen in its place: the provider certifies its key in this boot",
     confirm,
     {{"re-endorsed", NULL}}},
    {"hall-4",
     "is sold: its owner revokes it",
     sell,
     {{"broken", "appraisal-refused"}, {"refused", "appraisal-refused"}}},
    {"hall-5",
     "is on a list of which the provider is late with the next",
     be_late,
     {{"broken", "word-ended"}}},
};

#define CHAPTERS (sizeof chapters / sizeof *chapters)

/* What the service says */

static int64_t now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* wait_for waits for more of the stream, or where there is none for a moment; at a signal the story ends. */
static void wait_for(struct lab_story *s, int milliseconds)
{
    struct pollfd ends[] = {{s->signals, POLLIN, 0}, {s->stream, POLLIN, 0}};
    if (poll(ends, s->stream < 0 ? 1 : 2, milliseconds) > 0 && ends[0].revents)
        s->ended = true;
}

void lab_story_wait(struct lab_story *s, int seconds)
{
    struct pollfd end = {s->signals, POLLIN, 0};
    fflush(stdout);
    if (!s->ended && poll(&end, 1, seconds < 0 ? -1 : seconds * 1000) > 0)
        s->ended = true;
}

static void hang_up(struct lab_story *s)
{
    if (s->stream >= 0)
        close(s->stream);
    s->stream = -1;
    s->n_said = 0;
}

/* call_up asks for the events after the last; a service that is read anew closes the stream, and takes nobody for a moment. */
static void call_up(struct lab_story *s)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)s->inside),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char ask[120];
    int n = snprintf(ask, sizeof ask, "GET /v1/events?after=%lld HTTP/1.0\r\nHost: lab\r\n\r\n",
                     (long long)s->last);
    s->stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->stream >= 0 && (connect(s->stream, (const struct sockaddr *)&at, sizeof at) != 0 ||
                           send(s->stream, ask, (size_t)n, MSG_NOSIGNAL) != n)) {
        hang_up(s);
        wait_for(s, 50);
    }
}

/* hear reads what has come of the stream. */
static void hear(struct lab_story *s)
{
    ssize_t n = recv(s->stream, s->said + s->n_said, sizeof s->said - s->n_said, MSG_DONTWAIT);
    if (n > 0)
        s->n_said += (size_t)n;
    else if (n == 0 || errno != EAGAIN)
        hang_up(s);
}

/* one_line takes a whole line from what was said; false: there is none yet. */
static bool one_line(struct lab_story *s, char line[sizeof s->said])
{
    char *end = memchr(s->said, '\n', s->n_said);
    if (!end) {
        if (s->n_said == sizeof s->said)
            hang_up(s);
        return false;
    }
    size_t n = (size_t)(end - s->said);
    memcpy(line, s->said, n);
    line[n] = 0;
    s->n_said -= n + 1;
    memmove(s->said, end + 1, s->n_said);
    return true;
}

/* What an event says, in words as the story has them. */
struct told {
    char machine[64], kind[32], reason[32], whose[32];
};

static bool read_event(struct lab_story *s, const char *text, struct told *t)
{
    struct json_doc doc;
    struct json root;
    struct situs_err err = {0};
    int64_t number = 0;
    *t = (struct told){.reason = ""};
    bool ok = json_read(&doc, &root, span_text(text), "event", &err);
    ok = ok && json_get_num(&root, "number", 1, INT64_MAX, &number, &err) &&
         json_copy_text(&root, "machine", t->machine, sizeof t->machine, &err) &&
         json_copy_text(&root, "event", t->kind, sizeof t->kind, &err) &&
         (!json_has(&root, "reason") ||
          (json_copy_text(&root, "reason", t->reason, sizeof t->reason, &err) &&
           json_copy_text(&root, "whose", t->whose, sizeof t->whose, &err)));
    json_free(&doc);
    if (!ok)
        lab_die("an event that does not read: %s", text);
    ok = number > s->last; /* it is told once */
    s->last = number;
    return ok;
}

/* is_again says that a machine is refused as it was before: a service that is read anew says so once more. */
static bool is_again(struct lab_story *s, const struct told *t)
{
    struct lab_hall_machine *m = lab_hall_find(&s->hall, t->machine);
    bool *refused = &s->refused[m - s->hall.machine], was = *refused;
    *refused = strcmp(t->kind, "refused") == 0 || (was && strcmp(t->kind, "re-endorsed") != 0);
    return was && strcmp(t->kind, "refused") == 0;
}

/* next is the next event; false: a signal came, or nothing did for too long. */
static bool next(struct lab_story *s, struct told *t)
{
    char line[sizeof s->said];
    int64_t end = now() + (s->within * INT64_C(3) + PATIENCE) * 1000;
    while (!s->ended && now() < end) {
        if (s->stream < 0)
            call_up(s);
        else if (one_line(s, line)) {
            if (strncmp(line, "data: ", 6) == 0 && read_event(s, line + 6, t) && !is_again(s, t))
                return true;
        } else {
            wait_for(s, 1000);
            hear(s);
        }
    }
    return false;
}

/* The story */

static bool is_told(const struct told *t, const char *machine, const struct expected *e)
{
    return strcmp(t->machine, machine) == 0 && strcmp(t->kind, e->kind) == 0 &&
           strcmp(t->reason, e->reason ? e->reason : "") == 0;
}

static void show(const struct told *t, bool right)
{
    out_print("    %s %s", t->machine, t->kind);
    if (t->reason[0])
        out_print(": %s, on the side of the %s", t->reason, t->whose);
    out_print("%s\n", right ? "" : " (which is not in the story)");
    fflush(stdout);
}

/* expect waits for one event; what comes before it should not have. */
static bool expect(struct lab_story *s, const char *machine, const struct expected *e)
{
    struct told t;
    bool right = false;
    while (!right && next(s, &t)) {
        right = is_told(&t, machine, e);
        show(&t, right);
        s->wrong = s->wrong || !right;
    }
    if (!right && !s->ended)
        out_print("    nothing of %s, which should be %s now\n", machine, e->kind);
    s->wrong = s->wrong || !right;
    return right;
}

/* At first all of them are seen, in any order. */
static bool all_begin(struct lab_story *s)
{
    static const struct expected began = {"began", NULL};
    struct told t;
    size_t n = 0;
    while (n < LAB_HALL_MACHINES && next(s, &t)) {
        if (is_told(&t, t.machine, &began))
            n++;
        else {
            show(&t, false);
            s->wrong = true;
        }
    }
    if (n == LAB_HALL_MACHINES)
        out_print("All six are live.\n");
    return n == LAB_HALL_MACHINES;
}

bool lab_story_tell(struct lab_story *s, int pause)
{
    bool goes_on = all_begin(s);
    for (size_t i = 0; goes_on && i < CHAPTERS; i++) {
        const struct chapter *c = &chapters[i];
        lab_story_wait(s, pause);
        if (s->ended)
            break;
        out_print("%s %s\n", c->machine, c->told);
        fflush(stdout);
        c->act(s, lab_hall_find(&s->hall, c->machine));
        for (size_t k = 0; goes_on && k < EXPECTED && c->expected[k].kind; k++)
            goes_on = expect(s, c->machine, &c->expected[k]);
    }
    if (!goes_on || s->wrong || s->ended)
        return false;
    out_print("hall-1 was live all the time.\n");
    return true;
}

/* The service */

/* listens is the port of the second socket, which the service says in its log; 0: it has not yet. */
static unsigned listens(const char *log)
{
    static const char words[] = "listening on 127.0.0.1:";
    char line[512];
    unsigned port[2] = {0, 0};
    size_t n = 0;
    FILE *f = fopen(log, "r");
    while (f && n < 2 && fgets(line, sizeof line, f)) {
        const char *at = strstr(line, words);
        if (at)
            port[n++] = (unsigned)strtoul(at + sizeof words - 1, NULL, 10);
    }
    if (f)
        fclose(f);
    return port[1];
}

static void serve(struct lab_story *s)
{
    char file[LAB_PATH], log[LAB_PATH];
    const char *const words[] = {s->program, "serve", "--config", file, NULL};
    if (snprintf(file, sizeof file, "%s/serve.json", s->directory) >= LAB_PATH ||
        snprintf(log, sizeof log, "%s/log", s->directory) >= LAB_PATH)
        lab_die("%s: this path is too long for the lab", s->directory);
    unlink(log);
    lab_hall_configuration(&s->hall, s->within, s->run, file);
    s->service = lab_process_start(words, log);
    while (!s->ended && (s->inside = listens(log)) == 0) {
        if (!lab_process_alive(s->service))
            lab_die("the service ended; see %s", log);
        wait_for(s, 50);
    }
}

void lab_story_open(struct lab_story *s, const char *program, const char *directory,
                    unsigned within, int signals)
{
    *s = (struct lab_story){.within = within, .signals = signals, .stream = -1};
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        lab_die("%s: %s", directory, strerror(errno));
    char *whole = realpath(directory, NULL);
    if (!whole || snprintf(s->directory, sizeof s->directory, "%s", whole) >= LAB_PATH ||
        snprintf(s->program, sizeof s->program, "%s", program) >= LAB_PATH)
        lab_die("%s: this path is too long for the lab", directory);
    free(whole);
    strcpy(s->run, "/tmp/situs-XXXXXX");
    lab_warden_directory(s->run);
    lab_hall_start(&s->hall, s->directory);
    serve(s);
}

void lab_story_close(struct lab_story *s)
{
    hang_up(s);
    lab_process_stop(s->service);
    lab_hall_stop(&s->hall);
}
