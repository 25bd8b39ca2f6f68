/* Connections; see http_places.h. */
#include "serve/http/http_places.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#define TRIES 16

bool http_places_new(struct http_places *t, unsigned most)
{
    *t = (struct http_places){.most = most, .room = (size_t)most + HTTP_INSIDE + 2 * HTTP_SLACK};
    t->place = calloc(t->room, sizeof(struct http_place *));
    return t->place && getrandom(&t->chance, sizeof t->chance, 0) == sizeof t->chance;
}

void http_places_free(struct http_places *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->place[i]);
    free(t->place);
    *t = (struct http_places){0};
}

/* cut ends a connection: the library finds it ended, and closes it. */
static void cut(struct http_place *p)
{
    shutdown(p->fd, SHUT_RDWR);
    p->phase = HTTP_CUT;
}

/* number is one below n by chance: splitmix64, seeded by the kernel. */
static size_t number(struct http_places *t, size_t n)
{
    uint64_t x = t->chance += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return (size_t)((x ^ (x >> 31)) % n);
}

/* find is one by chance in the phase, public, of this age and not the newest; NULL: there is none. */
static struct http_place *find(struct http_places *t, enum http_phase phase, int64_t age)
{
    int64_t old = wire_now() - age;
    size_t from = number(t, t->n);
    for (size_t i = 0; i < t->n; i++) {
        struct http_place *p = t->place[i < TRIES ? number(t, t->n) : (from + i) % t->n];
        if (p->phase == phase && !p->inside && p->since <= old && p->at != t->n - 1)
            return p;
    }
    return NULL;
}

static void make_room(struct http_places *t, struct http_place *newest)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
                               "Content-Length: 0\r\nConnection: close\r\n\r\n";
    struct http_place *p = NULL;
    for (int i = 0; !p && i < 4; i++)
        p = find(t, i % 2 ? HTTP_READING : HTTP_IDLE, i < 2 ? HTTP_AGE : 0);
    if (!p) {
        p = newest;
        (void)!send(p->fd, busy, sizeof busy - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    cut(p);
    t->crowded++;
}

struct http_place *http_places_add(struct http_places *t, int fd, bool inside)
{
    struct http_place *p = t->n < t->room ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return NULL;
    *p = (struct http_place){.fd = fd, .inside = inside, .since = wire_now(), .at = t->n};
    t->place[t->n++] = p;
    t->n_public += !inside;
    if (!inside && t->n_public > t->most)
        make_room(t, p);
    return p;
}

void http_places_take(struct http_places *t, struct http_place *p)
{
    t->n_public -= !p->inside;
    t->place[p->at] = t->place[--t->n];
    t->place[p->at]->at = p->at;
    free(p);
}

void http_places_phase(struct http_place *p, enum http_phase phase)
{
    if (p->phase == HTTP_CUT)
        return;
    p->phase = phase;
    p->since = wire_now();
    p->asked = true;
}

bool http_places_expects(const struct http_places *t)
{
    size_t i = 0;
    while (i < t->n && (t->place[i]->asked || t->place[i]->phase == HTTP_CUT))
        i++;
    return i < t->n;
}

void http_places_late(struct http_places *t, const struct http_limits *limits)
{
    int64_t now = wire_now();
    for (size_t i = 0; i < t->n; i++) {
        struct http_place *p = t->place[i];
        bool idle = p->phase == HTTP_IDLE,
             moves = p->phase == HTTP_READING || p->phase == HTTP_WRITING;
        if (!(idle && now - p->since > limits->idle) &&
            !(moves && now - p->since > limits->request))
            continue;
        t->late += moves;
        cut(p);
    }
}
