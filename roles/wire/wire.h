/*
 * What the roles say to each other over Unix stream sockets: frames of a big-endian u32 length and
 * a body, as QEMU's and Linux's transport of Intel's quote generation messages has them, and a
 * server that answers one frame with one.
 */
#ifndef SITUS_WIRE_WIRE_H
#define SITUS_WIRE_WIRE_H

#include "base/err.h"
#include "base/wr.h"

#define WIRE_FRAME_MAX (2 * 1024 * 1024) /* a launch log of LIMIT_LOG and what comes with it */
#define WIRE_SECONDS 30                  /* the longest silence within one exchange */
#define WIRE_LISTENERS 64
#define WIRE_PEERS 64

/* wire_connect is a socket connected to path, -1 and err on failure. */
int wire_connect(const char *path, struct situs_err *err);

/* wire_head writes what stands before a frame's body: its size. False and err when it is too long;
 * part names the peer. */
bool wire_head(uint8_t head[4], struct span body, const char *part, struct situs_err *err);

/* wire_send sends one frame; part names the peer in errors. */
bool wire_send(int fd, struct span body, const char *part, struct situs_err *err);

/* wire_receive is one frame's body, malloc'd; free it. Its p is NULL, and err set, on failure. */
struct span wire_receive(int fd, const char *part, struct situs_err *err);

/* wire_ask connects, sends one frame and receives one. */
struct span wire_ask(const char *path, struct span body, const char *part, struct situs_err *err);

/*
 * A refusal is the CBOR map {-1: stable word of the code, -2: what to know}. wire_refuse writes one
 * from err; wire_refused says that the body is one, and then fills err with part and the peer's
 * words.
 */
void wire_refuse(struct wr *answer, const struct situs_err *err);
bool wire_refused(struct span body, const char *part, struct situs_err *err);

/* One connection. state belongs to the handler, and is NULL at first. */
struct wire_peer {
    size_t listener; /* which of the server's listeners it came by */
    void *state;
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
};

/* wire_listen adds a listener; its number is the order of adding. A socket file that nobody listens
 * on is replaced, any other file is refused. */
bool wire_listen(struct wire_server *s, const char *path, struct situs_err *err);

/* wire_serve answers until stop, a file descriptor, becomes readable. One thread, one frame at a
 * time; who is silent for WIRE_SECONDS is cut off, and when WIRE_PEERS are connected, who has been
 * silent longest makes room for the next. False and err when poll fails. */
bool wire_serve(struct wire_server *s, const struct wire_handler *handler, int stop,
                struct situs_err *err);

/* wire_close removes the listeners and their files. */
void wire_close(struct wire_server *s);

/* wire_stop is a file descriptor that SIGINT or SIGTERM makes readable, and which those no longer
 * end the program; -1 on failure. */
int wire_stop(void);

#endif
