/*
 * What the roles say to each other over Unix stream sockets: frames of a big-endian u32 length and
 * a body, as QEMU's and Linux's transport of Intel's quote generation messages has them, and a
 * server that answers one frame with one (PROTOCOLS: frames, PROTOCOLS: local servers).
 */
#ifndef SITUS_WIRE_WIRE_H
#define SITUS_WIRE_WIRE_H

#include "base/err.h"
#include "base/wr.h"

#define WIRE_FRAME_MAX (2 * 1024 * 1024) /* a launch log of LIMIT_LOG and what comes with it */
#define WIRE_SECONDS 30                  /* for one frame, whole, in or out, or to connect */
#define WIRE_LISTENERS 64
#define WIRE_PEERS 64
#define WIRE_AGE 250         /* milliseconds in which a new connection makes room for nobody */
#define WIRE_STATE_AGE 5000  /* the same, in the middle of an exchange of several frames */
#define WIRE_STOP_SECONDS 10 /* to finish what was begun before a stop */

#define WIRE_REFUSED "refused: the log of the program that refused says why"
#define WIRE_PENDING "pending" /* what is asked for waits for somebody at the other end */
#define WIRE_BUSY "busy, try again"

/* wire_now is a clock in milliseconds that never runs backwards. */
int64_t wire_now(void);

/* wire_connect is a socket connected to path within WIRE_SECONDS, -1 and err on failure;
 * wire_connect_until before a time of wire_now. */
int wire_connect(const char *path, struct situs_err *err);
int wire_connect_until(const char *path, int64_t deadline, struct situs_err *err);

/* wire_head writes what stands before a frame's body: its size. False and err when it is too long;
 * part names the peer. */
bool wire_head(uint8_t head[4], struct span body, const char *part, struct situs_err *err);

/* wire_send sends one frame; part names the peer in errors. */
bool wire_send(int fd, struct span body, const char *part, struct situs_err *err);

/* wire_receive is one frame's body, malloc'd; free it. Its p is NULL, and err set, on failure. */
struct span wire_receive(int fd, const char *part, struct situs_err *err);

/* wire_ask connects, sends one frame and receives one, all of it within WIRE_SECONDS. */
struct span wire_ask(const char *path, struct span body, const char *part, struct situs_err *err);

/*
 * A refusal (PROTOCOLS: refusals) is the stable word of a code and one of the three texts above.
 * What err says beyond its code is of this machine: wire_refuse writes the refusal alone, and
 * who serves tells the log here why. wire_refused says that the body is one, and then fills err with part
 * and the peer's words.
 */
void wire_refuse(struct wr *answer, const struct situs_err *err);
bool wire_refused(struct span body, const char *part, struct situs_err *err);

/* One connection. state belongs to the handler, and is NULL at first. */
struct wire_peer {
    size_t listener; /* which of the server's listeners it came by */
    void *state;
    struct situs_err why; /* of a refusal: wire_serve tells the log here, and it alone */
};

/* What a server does with a frame. */
struct wire_handler {
    void *context;
    /* request writes the answer; false closes the connection. */
    bool (*request)(void *context, struct wire_peer *peer, struct span body, struct wr *answer);
    /* gone is told of every connection that ended; may be NULL. */
    void (*gone)(void *context, struct wire_peer *peer);
    /* tick is called now and then, at least every second or so; may be NULL. */
    void (*tick)(void *context);
};

struct wire_server {
    struct {
        int fd;
        char path[108]; /* sun_path (unix(7)) */
    } listener[WIRE_LISTENERS];
    size_t n;
    int64_t patience; /* milliseconds for a frame; 0: WIRE_SECONDS */
};

/* wire_listen adds a listener; its number is the order of adding. A socket file that nobody listens
 * on is replaced, any other file is refused. */
bool wire_listen(struct wire_server *s, const char *path, struct situs_err *err);

/*
 * wire_serve answers until stop, a file descriptor, becomes readable; then it finishes what was
 * begun, for WIRE_STOP_SECONDS. One thread, one question at a time; nobody holds another up:
 * sockets never block, who does not take his answer is not read from, and of those who wait for an
 * answer it is the turn of the peer (listener and user) that was answered longest ago. A frame, in
 * or out, and the silence before it have WIRE_SECONDS; time that the handler takes counts against
 * nobody. When WIRE_PEERS are connected, one of those who hold most of them (by user, then by
 * process) makes room for the next: any of them that does not wait for its turn and is older than
 * WIRE_AGE. False and err when poll fails.
 */
bool wire_serve(struct wire_server *s, const struct wire_handler *handler, int stop,
                struct situs_err *err);

/* wire_close removes the listeners and their files. */
void wire_close(struct wire_server *s);

/* wire_stop is a file descriptor that SIGINT or SIGTERM makes readable, and which those no longer
 * end the program; nor do SIGHUP, SIGPIPE, SIGUSR1 and SIGUSR2. -1 on failure. */
int wire_stop(void);

/* wire_stop_taken takes one signal that made stop readable; false when there is none. Whoever sends
 * a second does not want to wait. */
bool wire_stop_taken(int stop);

#endif
