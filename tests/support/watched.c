/* A keeper that watches one machine; see watched.h. */
#include "support/watched.h"

#include "base/text.h"
#include "frame/file.h"
#include "model/finding.h"
#include "support/test.h"

#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char folder[] = "/tmp/machinesXXXXXX";
static char key[256]; /* members of the policy, where it signs */
unsigned clock_ms;
struct talk_answer
    kept; /* who is due, where a keeper said so before it answered something else; id 0: nobody */

bool watched_work(const struct serve_world *world, const struct judge_ask *ask,
                  const struct judge_given *given, struct token_record *r, int *report)
{
    char text[64] = "", how[16] = "";
    unsigned ms = 0, reset = 0;
    memcpy(text, given->evidence.p, given->evidence.n < 63 ? given->evidence.n : 63);
    sscanf(text, "%15s %u %u", how, &ms, &reset);
    sem_t never; /* a judge may call futex(2), and not pause(2) */
    if (how[0] == 'h' && sem_init(&never, 0, 0) == 0)
        sem_wait(&never);
    r->required = r->holds = PROOF_BOUND | (how[0] == 'm' ? PROOF_GENUINE : 0);
    r->at = ask->at;
    r->sound = strcmp(how, "ill") != 0 && how[0] != 'b';
    r->trusted = r->sound;
    if (how[0] == 'c') { /* the policy asks for continuous */
        r->trusted = ask->span.since != 0;
        r->required |= PROOF_CONTINUOUS;
        r->holds |= r->trusted ? PROOF_CONTINUOUS : 0;
    }
    r->exit = r->trusted ? 0 : 6;
    r->archived = ask->archived != 0;
    r->until = how[0] == 's' ? ask->at + 25 : RECORD_NO_END;
    memcpy(r->ends, "a list", how[0] == 's' ? 6 : 0);
    r->has_channel = 1;
    memcpy(r->policy, world->loaded[ask->policy].sha256, sizeof r->policy);
    memcpy(r->nonce, ask->nonce, sizeof r->nonce);
    r->known = (struct record_known){
        .live = 1, .has_tpm = how[0] != 'b', .clock = ms, .reset_count = reset, .restart_count = 1};
    r->known.ids[RECORD_AK].n = 34;
    r->known.ids[RECORD_PLATFORM] = (struct record_id){.n = 16, .v = {how[0] == 'e' ? 2 : 1}};
    (void)!text_hex_read(r->known.ids[RECORD_AK].v, 34, span_text(AK));
    *report = ask->report ? talk_memory("{}", 2) : -1;
    return true;
}

static void configuration(char *text, size_t size, const char *more)
{
    snprintf(
        text, size,
        "{\"listen\": \"127.0.0.1:0\", \"judges\": \"two\", \"base\": \"http://localhost\", "
        "\"policies\": {\"a\": "
        "{\"policy\": \"" SITUS_SOURCE_ROOT "/policies/managed.json\"%s}},"
        "\"limits\": {\"judges\": 1, \"waiting\": 2}, \"deadlines\": {\"judge_ms\": 60000, "
        "\"request_ms\": 60000},"
        "\"connect\": {\"targets\": [\"a:1\", \"b:1\"]}, \"store\": {\"sqlite\": \"%s/store\"},"
        "\"watch\": {\"mark\": \"%s/mark\", \"machines\": {\"one\": {\"policy\": \"a\", "
        "\"target\": \"b:1\", \"ak_name\": \"" AK "\"%s}}}}",
        key, folder, folder, more);
}

void watched_load(struct served *s, const char *more)
{
    char text[2048];
    configuration(text, sizeof text, more);
    served_load(s, text);
}

static void remove_all(void)
{
    static const char *const names[] = {"store", "store-wal", "store-shm", "mark", "copy"};
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
}

void due(const struct served *s)
{
    const struct talk_ask ask = {.kind = TALK_DUE, .id = 77};
    served_send(s, &ask, NULL);
}

void watched_two(struct served *s, struct served *other)
{
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    s->front = -1;
    watched_load(other,
                 "}, \"two\": {\"policy\": \"a\", \"target\": \"a:1\", \"ak_name\": \"" AK "\"");
    served_start(other, watched_work);
    due(other);
    due(other);
}

int watched_start(void **state)
{
    static struct served s;
    remove_all();
    clock_ms = 1000;
    kept.id = 0;
    watched_load(&s, "");
    served_start(&s, watched_work);
    due(&s);
    *state = &s;
    return 0;
}

int watched_stop(void **state)
{
    served_stop(*state);
    return 0;
}

/* again begins a keeper anew where one was killed or has ended; the clock goes on. */
void again(struct served *s, bool killed)
{
    if (killed)
        kill(s->keeper, SIGKILL);
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    waitpid(s->nursery[0], NULL, 0);
    served_start_beside(s, watched_work);
    kept.id = 0;
    due(s);
}

/* answer is the next of a kind. */
struct talk_answer answer(const struct served *s, enum talk_kind kind, char out[TALK_FDS][4096])
{
    struct talk_answer a = served_answer(s, out);
    while (a.kind != kind && a.kind == TALK_DUE && !kept.id) {
        kept = a;
        a = served_answer(s, out);
    }
    assert_int_equal(a.kind, kind);
    return a;
}

/* asked is the N for which the front's ask waits; the next one waits then. */
struct talk_answer asked(const struct served *s)
{
    struct talk_answer a = kept.id ? kept : answer(s, TALK_DUE, NULL);
    kept.id = 0;
    assert_int_equal(a.id, 77);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.target, 1);
    assert_int_equal(a.wait_ms, 30000); /* no answer counts after H / 2 */
    due(s);
    return a;
}

/* say answers N by a machine that does well or ill, in a boot; dialled: the front met the machine's key. */
enum talk_status say(const struct served *s, const struct talk_answer *n, const char *how,
                     unsigned reset, bool dialled)
{
    char text[64];
    struct talk_ask ask = served_appraise(n);
    ask.dialled = dialled;
    snprintf(text, sizeof text, "%s %u %u", how, clock_ms += 10, reset);
    served_send(s, &ask, text);
    return (enum talk_status)answer(s, TALK_APPRAISE, NULL).status;
}

void wait_and_answer(const struct served *s, int seconds)
{
    served_clock()->both += seconds;
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, "well", 7, true), TALK_DONE);
}

/* tell is what is told; false: not now. */
enum talk_status tell(const struct served *s, enum talk_kind kind, uint64_t after, char out[4096])
{
    char texts[TALK_FDS][4096] = {{0}};
    struct talk_ask ask = {.kind = kind, .after = after, .machine = "one"};
    served_send(s, &ask, NULL);
    struct talk_answer a = answer(s, kind, texts);
    memcpy(out, texts[0], sizeof texts[0]);
    return (enum talk_status)a.status;
}

void expect(const struct served *s, const char *has)
{
    char text[4096];
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_DONE);
    if (!strstr(text, has))
        fail_msg("no %s in %s", has, text);
}

/* expect_events: these and no more, each as event:reason. */
void expect_events(const struct served *s, const char *want)
{
    char text[4096], got[512] = "";
    assert_int_equal(tell(s, TALK_EVENTS, 0, text), TALK_DONE);
    for (const char *p = text; (p = strstr(p, "\"event\":\"")); p++) {
        char event[40] = "", reason[40] = "";
        sscanf(p, "\"event\":\"%39[^\"]\",\"reason\":\"%39[^\"]", event, reason);
        size_t n = strlen(got);
        snprintf(got + n, sizeof got - n, "%s%s%s%s", n ? " " : "", event, reason[0] ? ":" : "",
                 reason);
    }
    assert_string_equal(got, want);
}

/* nobody_is_due: what was asked before is answered later than what is asked now. */
void nobody_is_due(const struct served *s)
{
    const struct talk_ask ready = {.kind = TALK_READY};
    for (int i = 0; i < 3; i++)
        assert_int_equal(served_ask(s, &ready, NULL).kind, TALK_READY);
    assert_int_equal(kept.id, 0);
}

void copy(const char *from, const char *to)
{
    char source[96], target[96];
    struct file f = {0};
    struct situs_err err = {0};
    snprintf(source, sizeof source, "%s/%s", folder, from);
    snprintf(target, sizeof target, "%s/%s", folder, to);
    assert_true(file_read(&f, source, 1 << 24, &err));
    assert_true(file_write(target, file_span(&f), &err));
    file_free(&f);
}

int watched_clean(void **state)
{
    (void)state;
    char path[96];
    remove_all();
    snprintf(path, sizeof path, "%s/key", folder);
    unlink(path);
    rmdir(folder);
    return 0;
}

int watched_new(void **state)
{
    (void)state;
    char path[96];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    served_key(path);
    snprintf(key, sizeof key, ", \"key\": \"%s\", \"audience\": \"b\"", path);
    return 0;
}
