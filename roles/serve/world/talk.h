/*
 * What front and keeper say to each other: fixed-size structs without pointers over a SOCK_SEQPACKET
 * socketpair, one a packet, with what is longer as sealed memory beside it (memfd_create(2),
 * SCM_RIGHTS of unix(7)). The front asks, the keeper answers each ask once, in any order; the two
 * are of one build. When the socket ends, nothing will be answered: NO_KEEPER.
 */
#ifndef SITUS_SERVE_TALK_H
#define SITUS_SERVE_TALK_H

#include "serve/world/dial_config.h"
#include "serve/world/peer_key.h"

#define TALK_NAME 64     /* bytes of a policy's name, with its zero byte */
#define TALK_NONCE 64    /* bytes of the longest nonce */
#define TALK_SESSION 192 /* letters of a session (base64url), with the zero byte */
#define TALK_CHANNEL 1024
#define TALK_TEXT 256
#define TALK_STREAM_NOW INT64_MAX /* STREAM: from now on */
#define TALK_FDS 3                /* in one packet, at most */

enum talk_kind {
    TALK_CHALLENGE, /* a new session, and its N */
    TALK_APPRAISE,  /* evidence, of a session or archived */
    TALK_KEYS,      /* JWKS text of a policy */
    TALK_DISCOVERY, /* what the tokens of a policy say, and its JWKS */
    TALK_READY,     /* can it be served? */
    TALK_LOOK,      /* what a challenge is, without answering it */
    TALK_FORGET,    /* a challenge is not to be answered any more */
    TALK_TAKE,      /* a new session whose N is the asker's own, party_nonce */
    TALK_METRICS,  /* what the keeper knows of sources and policies: OpenMetrics, without its end */
    TALK_ALLIANCE, /* evidence, of no challenge: is its machine on a list? */
    TALK_ALLIANCE_KEYS, /* by which keys that is signed: as DISCOVERY */
    TALK_POLICIES,      /* the policies that there are: JSON */
    TALK_DUE,           /* whom to dial next, and with which N; answered when somebody is due */
    TALK_SILENT,        /* of a session of DUE: nobody answered */
    TALK_MACHINE,       /* what is known of a watched machine (JSON) */
    TALK_EVENTS,        /* its events (JSON) */
    TALK_APPRAISE_KEPT, /* APPRAISE, whose report is to be kept for who has its digest */
    TALK_REPORT,        /* a report that was kept, by its digest */
    TALK_MACHINES,      /* what is known of all of them, a page of it (JSON) */
    TALK_STREAM,        /* events of all of them above a number, when there are, or after a while */
    TALK_KINDS,
    /* Of a clerk (gate.h), never of a keeper: a registrar's first question, and its second. */
    TALK_ENROL = TALK_KINDS,
    TALK_PROVE,
};

enum talk_status {
#define TALK_STATUS(name, word, http, hint) TALK_##name,
#include "serve/world/talk_status.def"
#undef TALK_STATUS
    TALK_STATUSES
};

/* What the front asks. What a kind does not use is zero; so is every byte behind a text or size. */
struct talk_ask {
    uint64_t id;         /* the front's own; the answer has it again */
    uint32_t kind;       /* enum talk_kind */
    uint32_t nonce_size; /* CHALLENGE: bytes of N wanted, 32 to 64; 0: 32 */
    char policy
        [TALK_NAME]; /* CHALLENGE, KEYS, DISCOVERY, archived APPRAISE: empty: the default; READY: empty: any.
                               APPRAISE of a session: empty, or it must be the session's */
    char session[TALK_SESSION]; /* APPRAISE: empty: archived; LOOK, FORGET; REPORT: SHA-256, hex */
    uint8_t party_nonce
        [TALK_NONCE]; /* the relying party's own nonce: CHALLENGE, and the same again with APPRAISE; N of TAKE */
    uint32_t party_nonce_size; /* 0: none */
    uint32_t want_token;       /* APPRAISE, ALLIANCE: 1: sign one */
    uint8_t channel
        [TALK_CHANNEL]; /* APPRAISE: the attester's SubjectPublicKeyInfo (DER), where the asker states it */
    uint32_t channel_size;  /* 0: not stated */
    uint32_t round_trip_us; /* of CONNECT; 0: not measured */
    uint32_t
        dialled; /* 1: APPRAISE: channel is of a handshake; SILENT: the attester was asked, and is to blame;
                    STREAM: it is the client's first */
    uint64_t after; /* EVENTS, STREAM: those above this number */
    char machine
        [TALK_NAME]; /* MACHINE, EVENTS; MACHINES: those after it, empty: from the first on */
    /* APPRAISE, ALLIANCE: one descriptor, the evidence as it came, in any form that situs verify reads. The keeper passes it on
     * unread. */
};

/* What the keeper answers. */
struct talk_answer {
    uint64_t id;
    uint32_t kind;        /* as asked */
    uint32_t status;      /* enum talk_status; not DONE: only detail and retry_after say more */
    uint32_t retry_after; /* seconds, with BUSY and the like; 0: no word */
    int32_t exit;         /* APPRAISE, ALLIANCE: the exit code of situs-verify(1) */
    char session[TALK_SESSION]; /* CHALLENGE; APPRAISE_KEPT: what it is kept under, or empty */
    uint8_t nonce[TALK_NONCE];  /* N: of CHALLENGE, LOOK, and a session's APPRAISE */
    uint32_t nonce_size;
    uint32_t
        descriptors; /* 1: APPRAISE: the token where one was wanted, else the report (JSON); KEYS, DISCOVERY: the JWKS;
                        ALLIANCE: the alliance's answer (JSON);
                        LOOK of an answered session: its token; MACHINE, EVENTS, MACHINES: the text */
    int64_t until;          /* When N ends; KEYS: until when it may be cached; Unix seconds */
    char policy[TALK_NAME]; /* CHALLENGE, APPRAISE, KEYS, DISCOVERY: which one it was */
    char issuer[TALK_TEXT]; /* this and what follows: DISCOVERY, ALLIANCE_KEYS */
    char audience[TALK_TEXT];
    char algorithm[16]; /* "ES256" or "ES384" */
    uint8_t policy_sha256[32];
    uint32_t proofs; /* PROOF_*: that the policy requires */
    uint32_t bearer; /* 1: whoever holds its tokens may use them */
    uint64_t target; /* DUE: in the configuration's list; STREAM: the last event that is told */
    int64_t wait_ms; /* DUE: for how long an answer counts */
    int64_t at;      /* the keeper's time, Unix seconds */
    char detail[TALK_TEXT]; /* not DONE: what was expected and got, for people; may be empty */
};

/* talk_status_word is the stable word of a status, talk_status_http its HTTP status, talk_status_hint what to do;
 * a status that is none is INTERNAL. */
const char *talk_status_word(uint32_t status);
int talk_status_http(uint32_t status);
const char *talk_status_hint(uint32_t status);

/* talk_is_text says that a text ends in its size bytes: the other side of a socket is not believed. */
bool talk_is_text(const char *text, size_t size);

/* talk_memory makes sealed memory of the bytes, talk_memory_of of n spans, one behind the other: a descriptor, or -1. talk_memory_is says that one is sealed against
 * every change and has at most limit bytes, and how many. */
int talk_memory(const void *p, size_t n);
int talk_memory_of(const struct span *parts, size_t n);
bool talk_memory_is(int fd, size_t limit, size_t *size);

/* talk_send sends one packet with its descriptors, which remain the caller's. False: the peer is gone, or does not
 * take it now (errno EAGAIN, on a socket that does not block). */
bool talk_send(int socket, const void *packet, size_t size, const int *fds, size_t n);

/*
 * talk_receive takes one packet of exactly size bytes. fds gets what came with it, close-on-exec, the rest -1; they are
 * the caller's. False: nothing is there (errno EAGAIN), the peer is gone, or it is no such packet (EPROTO): whatever
 * came with it is closed.
 */
bool talk_receive(int socket, void *packet, size_t size, int fds[TALK_FDS], size_t *n);

/*
 * What the process of HTTP is told when it starts. All of it is constant while it lives.
 * SIGTERM: accept nothing new, finish what was begun within drain_ms, exit 0. keeper ends: answer NO_KEEPER to all that
 * wait and all that come, until SIGTERM.
 */
struct talk_front {
    int keeper; /* SOCK_SEQPACKET: struct talk_ask out, struct talk_answer in */
    int listen; /* a listening socket: challenge, verify, JWKS, discovery, health, Veraison's interface */
    int listen_private; /* -1: none. Everything of listen, and what only the operator's own may ask */
    char base[TALK_TEXT]; /* base URL, without a slash at its end */
    struct peer_key peer_key;
    struct dial_config dial;
    uint32_t body_max;    /* bytes of a request's body */
    uint32_t connections; /* at once */
    uint32_t idle_ms, request_ms, drain_ms;
    uint32_t watchers; /* asks DUE that are out at once; 0: nobody is watched */
    bool padded;       /* Veraison's nonces are standard base64 with padding */
    bool alliance;     /* the alliance's paths are answered */
};

#endif
