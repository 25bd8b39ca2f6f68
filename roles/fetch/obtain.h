/* Fetching, verifying and keeping collateral: what situs collateral fetch and refresh share. */
#ifndef SITUS_FETCH_OBTAIN_H
#define SITUS_FETCH_OBTAIN_H

#include "fetch/pcs.h"
#include "frame/args.h"
#include "frame/load.h"

/* The options of both, as text. NULL: not given. */
struct obtain_options {
    const char *url, *cacert, *timeout, *retries, *trust, *at;
    bool early, retry_after;
};

/* Their rows of an option table; o is an lvalue. OBTAIN_ASKING is of whatever is fetched. */
#define OBTAIN_ASKING(o)                                                                      \
    OPTION_VALUE("cacert", 0, "FILE", &(o).cacert, "TLS anchors, PEM (default: system's)"),   \
        OPTION_VALUE("timeout", 0, "SECONDS", &(o).timeout, "for each answer (default: 30)"), \
        OPTION_VALUE("retries", 0, "N", &(o).retries, "of each answer (default: 3)"),         \
        OPTION_FLAG("retry-after", 0, &(o).retry_after,                                       \
                    "print for how long the service wants not to be asked"),                  \
        OPTION_VALUE("trust", 't', "FILE", &(o).trust, "trust anchors (default: built in)"),  \
        OPTION_AT(&(o).at)
#define OBTAIN_OPTIONS(o)                                                                      \
    OPTION_VALUE("url", 0, "URL", &(o).url, "base address of a PCCS (default: Intel's PCS)"),  \
        OPTION_FLAG("early", 0, &(o).early, "what Intel will hold platforms to in 12 months"), \
        OBTAIN_ASKING(o)

/* obtain_service reads who is to be asked. False (exit 1): said on stderr. */
bool obtain_service(struct pcs_service *s, const struct obtain_options *o);

/* obtain_failure says on stderr why nothing was obtained, and which address was asked (s->asked); with o->retry_after
 * on stdout, where the service wants not to be asked for some seconds, "retry-after SECONDS". */
void obtain_failure(const struct obtain_options *o, const struct pcs_service *s,
                    const struct situs_err *err);

/*
 * obtain asks for what is wanted, verifies the answers under trust, at the time of o->at or that of
 * the last answer (what ended meanwhile has ended), and puts them into the directory at to. keep:
 * what is there stays, unless a newer item has its name; else the answers take its place. None may
 * be older than what is held, if that is not NULL. Nothing is written on failure: an exit code, said
 * on stderr.
 */
int obtain(struct pcs_service *s, const struct obtain_options *o, const struct wanted *w,
           const struct situs_trust *trust, const struct situs_snapshot *held, bool keep,
           const char *to);

#endif
