/*
 * The measured host agent (DESIGN: messages, 6; PROTOCOLS: host agent): it stands between each VM
 * and the platform's quote generation service, remembers which quotes came back for which VM, and
 * signs platform quotes for those alone: once, within a minute, with the Name of that VM's vTPM key
 * from its own table. There is no other mode.
 */
#ifndef SITUS_HOST_AGENT_H
#define SITUS_HOST_AGENT_H

#include "tpm/tpm_device.h"
#include "wire/wire.h"

#define AGENT_VMS (WIRE_LISTENERS / 2)
#define AGENT_VM_NAME 32
#define AGENT_SEEN 16    /* quotes remembered for one VM; the oldest goes */
#define AGENT_SECONDS 60 /* how long a quote is remembered */

struct agent_seen {
    uint8_t tqh[32];
    int64_t at;
    bool fresh; /* seen and not signed for yet */
};

struct agent_vm {
    char name[AGENT_VM_NAME + 1];
    uint8_t ak_name[TPM_NAME_MAX]; /* Name(AK_v) */
    size_t ak_name_size;
    struct agent_seen seen[AGENT_SEEN];
    size_t next;
};

struct agent {
    const char *qgs;  /* the platform's quote generation service */
    const char *tcti; /* the discrete TPM */
    const char
        *state; /* of "situs host provision"; read at each quote, so that it may be renewed */
    const char *launch_log; /* NULL: none */
    struct agent_vm vm[AGENT_VMS];
    size_t n;
    int64_t (*now)(void); /* seconds that never run backwards */
};

/*
 * agent_table_read fills the table: lines "NAME ak HEX", Name(AK_v) of a vTPM whose starter knows
 * it, or "NAME vtpm TCTI", asked of the vTPM before the guest runs. Names are letters, digits and
 * '-', each once.
 */
bool agent_table_read(struct agent *a, struct span text, struct situs_err *err);

/* agent_listen opens DIR/NAME/qgs.sock and DIR/NAME/platform.sock of every VM, in order. */
bool agent_listen(const struct agent *a, struct wire_server *s, const char *dir,
                  struct situs_err *err);

/* agent_handler serves them. */
struct wire_handler agent_handler(struct agent *a);

/* agent_run opens the sockets and serves each VM in a process of its own until stop becomes
 * readable; a process that ends before is started again. */
bool agent_run(struct agent *a, const char *dir, int stop, struct situs_err *err);

#endif
