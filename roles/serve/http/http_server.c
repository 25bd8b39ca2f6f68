/* The server; see http_server.h. */
#include "serve/http/http_server.h"

#include "serve/http/http_head.h"
#include "serve/http/http_places.h"
#include "wire/wire.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POOL (32 * 1024) /* of a connection: its headers have about half of it */
#define TICK 250         /* milliseconds between two looks at the deadlines */
#define DISCARDED 4      /* bodies' worth that is read to be able to refuse the rest */
#define FIRST_ROOM 4096

/* A door is one socket. */
struct door {
    struct http_server *server;
    struct MHD_Daemon *daemon; /* NULL: there is none */
    bool inside;
};

struct http_server {
    struct door door[2];
    struct http_places places;
    struct http_limits limits;
    const struct http_does *does;
    size_t bodies; /* bytes that are kept of all */
    uint64_t calls, full;
    size_t open; /* calls that are not over */
    bool ending;
    int64_t looked;
};

struct exchange {
    struct http_call call;
    struct http_server *server;
    struct http_place *place;
    struct MHD_Connection *connection;
    struct MHD_Response *response; /* the answer, once there is one */
    enum http_refusal refusal;
    uint8_t *body;
    size_t room;
    bool headed, asked, suspended, close;
    uint8_t *grown; /* of a body that grows: what was not taken yet */
    size_t grown_n, grown_at;
    bool grows, ended;
};

/* --- the body --- */

static void drop_body(struct exchange *x)
{
    x->server->bodies -= x->room;
    free(x->body);
    x->body = NULL;
    x->room = 0;
}

static void refuse_body(struct exchange *x, enum http_refusal why)
{
    x->server->full += why == HTTP_FULL;
    x->refusal = why;
    drop_body(x);
}

/* cost is what a body has kept from others: bytes, times the milliseconds since its request began. */
static uint64_t cost(const struct exchange *x, size_t room)
{
    return (uint64_t)room * (uint64_t)(wire_now() - x->place->since + 1);
}

/* dearest is who, of those that are still being read, has kept most for longest; whose end would not give half of what x
 * wants stays. Size alone would let a dozen that stall keep out all who are as large; the newcomer is x itself when
 * all others cost less. */
static struct exchange *dearest(struct exchange *x, size_t room)
{
    struct http_server *s = x->server;
    struct exchange *most = NULL;
    for (size_t i = 0; i < s->places.n; i++) {
        struct exchange *other = s->places.place[i]->exchange;
        if (other && other != x && other->place->phase == HTTP_READING && other->room >= room / 2 &&
            (!most || cost(other, other->room) > cost(most, most->room)))
            most = other;
    }
    return most && cost(most, most->room) >= cost(x, room) ? most : x;
}

/* grow makes room for n bytes; false: there is none, and x is refused. */
static bool grow(struct exchange *x, size_t n)
{
    struct http_server *s = x->server;
    size_t room = x->room ? x->room : FIRST_ROOM;
    while (room < n)
        room *= 2;
    if (room > s->limits.body)
        room = s->limits.body;
    while (s->bodies - x->room + room > s->limits.bodies && !x->refusal)
        refuse_body(dearest(x, room), HTTP_FULL);
    uint8_t *more = x->refusal ? NULL : realloc(x->body, room);
    if (!more && !x->refusal)
        refuse_body(x, HTTP_FULL);
    if (!more)
        return false;
    s->bodies += room - x->room;
    x->body = more;
    x->room = room;
    return true;
}

/* take keeps the next bytes of the body; false: no more of them will be read. */
static bool take(struct exchange *x, const char *bytes, size_t n)
{
    size_t had = x->call.body_n;
    x->call.body_n += n;
    if (!x->refusal && x->call.body_n > x->server->limits.body)
        refuse_body(x, HTTP_TOO_LARGE);
    bool keep = !x->refusal && !x->response; /* of a call that has its answer nothing is kept */
    if (keep && (x->call.body_n <= x->room || grow(x, x->call.body_n)))
        memcpy(x->body + had, bytes, n);
    return x->call.body_n / DISCARDED <= x->server->limits.body;
}

/* --- answers --- */

struct span http_call_header(const struct http_call *c, const char *name, char room[HTTP_FIELD_MAX])
{
    const struct exchange *x = c->own;
    return http_head_field(x->connection, name, room);
}

unsigned http_call_headers(const struct http_call *c, const char *name)
{
    const struct exchange *x = c->own;
    return http_head_times(x->connection, name);
}

bool http_call_peer(const struct http_call *c, struct sockaddr_storage *peer)
{
    const struct exchange *x = c->own;
    socklen_t size = sizeof *peer;
    *peer = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    return getpeername(x->place->fd, (struct sockaddr *)peer, &size) == 0;
}

static void resume(struct exchange *x)
{
    if (x->suspended) {
        x->suspended = false;
        MHD_resume_connection(x->connection);
    }
}

/* respond takes a response and its headers; false: no memory, and the connection ends. */
static bool respond(struct exchange *x, struct MHD_Response *response, const struct http_answer *a)
{
    x->response = response;
    bool ok = x->response != NULL;
    if (ok && a->type)
        ok = MHD_add_response_header(x->response, "Content-Type", a->type) == MHD_YES;
    for (size_t i = 0; ok && i < a->n; i++)
        ok = MHD_add_response_header(x->response, a->header[i].name, a->header[i].value) == MHD_YES;
    if (ok && (x->close || x->server->ending))
        ok = MHD_add_response_header(x->response, "Connection", "close") == MHD_YES;
    if (!ok)
        shutdown(x->place->fd, SHUT_RDWR);
    x->call.status = a->status;
    x->call.answer_n = a->body.n;
    resume(x);
    return ok;
}

void http_call_answer(struct http_call *c, const struct http_answer *a)
{
    struct exchange *x = c->own;
    if (x->grows)
        http_call_end(c);
    if (!x->response)
        (void)respond(x,
                      MHD_create_response_from_buffer(a->body.n, (void *)(uintptr_t)a->body.p,
                                                      MHD_RESPMEM_MUST_COPY),
                      a);
}

/* give is what the library asks for the next bytes of a body that grows; where there are none it waits to be told. */
static ssize_t give(void *cls, uint64_t at, char *to, size_t room)
{
    struct exchange *x = cls;
    size_t n = x->grown_n - x->grown_at;
    (void)at;
    n = n < room ? n : room;
    if (n) {
        memcpy(to, x->grown + x->grown_at, n);
        x->grown_at += n;
        return (ssize_t)n;
    }
    if (x->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    http_places_phase(x->place, HTTP_WAITING);
    x->suspended = true;
    MHD_suspend_connection(x->connection);
    return 0;
}

bool http_call_stream(struct http_call *c, const struct http_answer *head)
{
    struct exchange *x = c->own;
    x->grows = true;
    return respond(
        x, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, FIRST_ROOM, give, x, NULL), head);
}

void http_call_more(struct http_call *c, struct span bytes)
{
    struct exchange *x = c->own;
    size_t left = x->grown_n - x->grown_at;
    if (bytes.n == 0)
        return;
    uint8_t *all = malloc(left + bytes.n);
    if (!all) {
        shutdown(x->place->fd, SHUT_RDWR);
        resume(x);
        return;
    }
    if (left)
        memcpy(all, x->grown + x->grown_at, left);
    memcpy(all + left, bytes.p, bytes.n);
    free(x->grown);
    x->grown = all;
    x->grown_n = left + bytes.n;
    x->grown_at = 0;
    c->answer_n += bytes.n;
    if (x->suspended) /* from now on it is the client's turn */
        http_places_phase(x->place, HTTP_WRITING);
    resume(x);
}

bool http_call_drained(const struct http_call *c)
{
    const struct exchange *x = c->own;
    return x->grows && !x->ended && x->suspended;
}

void http_call_end(struct http_call *c)
{
    struct exchange *x = c->own;
    x->ended = true;
    resume(x);
}

static enum MHD_Result send_answer(struct exchange *x)
{
    http_places_phase(x->place, HTTP_WRITING);
    return x->response ? MHD_queue_response(x->connection, x->call.status, x->response) : MHD_NO;
}

/* refuse_now answers before the body is read, and ends the connection: what follows is not read. */
static enum MHD_Result refuse_now(struct exchange *x, enum http_refusal why)
{
    x->asked = x->close = true;
    x->server->does->refused(x->server->does->context, &x->call, why);
    return send_answer(x);
}

static void serve(struct exchange *x)
{
    const struct http_does *does = x->server->does;
    x->asked = true;
    x->call.body = span_of(x->body, x->refusal ? 0 : x->call.body_n);
    http_places_phase(x->place, HTTP_WAITING);
    if (x->refusal)
        does->refused(does->context, &x->call, x->refusal);
    else
        does->body(does->context, &x->call);
}

/* --- what the library calls --- */

static enum MHD_Result access_handler(void *cls, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *upload,
                                      size_t *upload_n, void **of_call)
{
    struct exchange *x = *of_call;
    (void)cls;
    if (!x)
        return MHD_NO;
    if (!x->headed) {
        x->headed = true;
        snprintf(x->call.method, sizeof x->call.method, "%s", method);
        const struct http_head head = {connection, method, url, version, x->call.target_n};
        enum http_refusal why = http_head_framed(&head, x->server->limits.body);
        if (why)
            return refuse_now(x, why);
        x->server->does->head(x->server->does->context, &x->call);
        return MHD_YES;
    }
    if (*upload_n) {
        bool more = take(x, upload, *upload_n);
        *upload_n = 0;
        return more ? MHD_YES : MHD_NO;
    }
    if (!x->response && !x->asked)
        serve(x);
    if (x->response)
        return send_answer(x);
    x->suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void *began(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct door *door = cls;
    struct http_server *s = door->server;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_place *place = info ? info->socket_context : NULL;
    struct exchange *x = place ? calloc(1, sizeof *x) : NULL;
    if (!x)
        return NULL;
    x->server = s;
    x->place = place;
    x->connection = connection;
    x->call = (struct http_call){
        .number = ++s->calls, .inside = door->inside, .began = wire_now(), .own = x};
    x->call.target_n = strlen(target);
    snprintf(x->call.target, sizeof x->call.target, "%s", target);
    place->exchange = x;
    s->open++;
    http_places_phase(place, HTTP_READING);
    return x;
}

static void over(void *cls, struct MHD_Connection *connection, void **of_call,
                 enum MHD_RequestTerminationCode how)
{
    struct exchange *x = *of_call;
    (void)cls;
    (void)connection;
    (void)how;
    if (!x)
        return;
    *of_call = NULL;
    x->server->does->gone(x->server->does->context, &x->call);
    x->server->open--;
    if (x->response)
        MHD_destroy_response(x->response);
    drop_body(x);
    free(x->grown);
    x->place->exchange = NULL;
    http_places_phase(x->place, HTTP_IDLE);
    free(x);
}

static void connected(void *cls, struct MHD_Connection *connection, void **of_connection,
                      enum MHD_ConnectionNotificationCode what)
{
    struct door *door = cls;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *of_connection =
            info ? http_places_add(&door->server->places, info->connect_fd, door->inside) : NULL;
    } else if (*of_connection) {
        struct http_place *p = *of_connection;
        if (p->exchange) /* a request of which no end was told */
            over(door, connection, &p->exchange, MHD_REQUEST_TERMINATED_WITH_ERROR);
        http_places_take(&door->server->places, *of_connection);
        *of_connection = NULL;
    }
}

/* as_sent leaves escapes: what reads a target decodes it, once. */
static size_t as_sent(void *cls, struct MHD_Connection *connection, char *s)
{
    (void)cls;
    (void)connection;
    return strlen(s);
}

/* --- the whole --- */

static bool open_door(struct http_server *s, bool inside, int fd, unsigned most)
{
    struct door *door = &s->door[inside];
    *door = (struct door){.server = s, .inside = inside};
    if (fd < 0)
        return true;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return false;
    door->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, access_handler, door,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, most + HTTP_SLACK,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, began, door, MHD_OPTION_NOTIFY_COMPLETED, over, door,
        MHD_OPTION_NOTIFY_CONNECTION, connected, door, MHD_OPTION_UNESCAPE_CALLBACK, as_sent, NULL,
        MHD_OPTION_END);
    return door->daemon != NULL;
}

struct http_server *http_server_new(int public, int inside, const struct http_limits *limits,
                                    const struct http_does *does)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->limits = *limits;
    s->does = does;
    if (!http_places_new(&s->places, limits->connections) ||
        !open_door(s, false, public, limits->connections) ||
        !open_door(s, true, inside, HTTP_INSIDE)) {
        http_server_free(s);
        return NULL;
    }
    return s;
}

int http_server_polls(const struct http_server *s, int fds[2])
{
    MHD_UNSIGNED_LONG_LONG wait = TICK;
    for (int i = 0; i < 2; i++) {
        MHD_UNSIGNED_LONG_LONG mine;
        struct MHD_Daemon *daemon = s->door[i].daemon;
        const union MHD_DaemonInfo *info =
            daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
        fds[i] = info ? info->epoll_fd : -1;
        if (daemon && MHD_get_timeout(daemon, &mine) == MHD_YES && mine < wait)
            wait = mine;
    }
    return (int)wait;
}

void http_server_turn(struct http_server *s)
{
    for (int i = 0; i < 2; i++)
        if (s->door[i].daemon)
            MHD_run(s->door[i].daemon);
    if (wire_now() - s->looked < TICK)
        return;
    s->looked = wire_now();
    http_places_late(&s->places, &s->limits);
}

void http_server_quiesce(struct http_server *s)
{
    s->ending = true;
    for (int i = 0; i < 2; i++) {
        MHD_socket fd =
            s->door[i].daemon ? MHD_quiesce_daemon(s->door[i].daemon) : MHD_INVALID_SOCKET;
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
    }
}

bool http_server_busy(const struct http_server *s)
{
    return s->open != 0 || http_places_expects(&s->places);
}

struct http_counts http_server_counts(const struct http_server *s)
{
    return (struct http_counts){.connections = s->places.n,
                                .requests = s->open,
                                .bodies = s->bodies,
                                .crowded = s->places.crowded,
                                .late = s->places.late,
                                .full = s->full};
}

void http_server_free(struct http_server *s)
{
    for (int i = 0; s && i < 2; i++)
        if (s->door[i].daemon)
            MHD_stop_daemon(s->door[i].daemon);
    if (s)
        http_places_free(&s->places);
    free(s);
}
