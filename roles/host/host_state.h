/*
 * What "situs host provision" leaves for "situs host run": one directory that is replaced whole.
 * ak.public, ak.private: AK_d outside the TPM; ek: "p384" where it is a child of that endorsement
 * key, else absent; pcrs: what it is sealed to, as "sha256:17,18";
 * cert0.der, cert1.der ...: its certificate and chain; approval.key, approval.reference,
 * approval.signature: of a seal by PolicyAuthorize.
 */
#ifndef SITUS_HOST_HOST_STATE_H
#define SITUS_HOST_HOST_STATE_H

#include "frame/dir.h"
#include "tpm/tpm_device.h"

/* The state; views into dir. Free with host_state_free, which accepts the zero state. */
struct host_state {
    struct dir dir;
    struct tpm_blob ak;
    bool p384; /* the EK above it */
    struct tpm_seal seal;
    struct tpm_approval approval;
    struct span certs[LIMIT_CHAIN_CERTS];
    size_t n_certs; /* 0: not certified yet */
};

/* host_state_load reads the directory. *there is false when there is none. */
bool host_state_load(struct host_state *s, const char *path, bool *there, struct situs_err *err);
void host_state_free(struct host_state *s);

/* host_state_save writes the directory. */
bool host_state_save(const struct host_state *s, const char *path, const char *pcrs,
                     struct situs_err *err);

/* host_state_ek is the endorsement key that the state names. */
static inline bool host_state_ek(const struct host_state *s, struct tpm *t, struct tpm_key *ek,
                                 struct situs_err *err)
{
    return s->p384 ? tpm_ek_p384(t, ek, err) : tpm_ek(t, ek, err);
}

#endif
