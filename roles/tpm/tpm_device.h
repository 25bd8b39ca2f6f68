/*
 * A TPM 2.0 as situs uses one, over the TSS enhanced system API (TCG ESAPI 1.0): endorsement key,
 * attestation keys with and without a seal, quotes, credentials, registers. Every object and
 * session that a call makes and does not hand out is flushed before it returns. A refusal of the
 * TPM is an error with the command as field and the response code and its text as got.
 */
#ifndef SITUS_TPM_TPM_DEVICE_H
#define SITUS_TPM_TPM_DEVICE_H

#include "base/err.h"
#include "codec/tpm.h"
#include "model/tpm_value.h"

#define TPM_PART "tpm"
#define TPM_PUBLIC_MAX 640  /* a TPMT_PUBLIC of RSA-2048 is 314 bytes */
#define TPM_PRIVATE_MAX 512 /* the contents of its TPM2B_PRIVATE */
#define TPM_NAME_MAX 66
#define TPM_EK_CERT_MAX 4096
#define TPM_SECRET_MAX 64
#define TPM_TURN_SECONDS 20 /* to wait until others have done with the TPM */

#define TPM_NV_EK_CERT 0x01c00002     /* TCG EK Credential Profile 2.5, 2.2.1.4: RSA-2048 EK */
#define TPM_EK_PERSISTENT 0x81010001u /* TCG TPM 2.0 Provisioning Guidance, 7.8: RSA-2048 EK */

/* The same for the P-384 EK of template H-3 (2.2.1.5, high range). */
#define TPM_NV_EK_CERT_P384 0x01c00016
#define TPM_EK_PERSISTENT_P384 0x81010016u

/* What Azure's paravisor (OpenHCL) keeps in its vTPM (openvmm, vm/devices/tpm/tpm_protocol/src/lib.rs): its report,
 * 64 bytes that the guest wants in it, the attestation key and its certificate. */
#define TPM_NV_HCL_REPORT 0x01400001
#define TPM_NV_HCL_USER_DATA 0x01400002
#define TPM_NV_HCL_AK_CERT 0x01c101d0
#define TPM_HCL_AK 0x81000003u

/* What Google's vTPM keeps: the template of an attestation key (TPMT_PUBLIC), and that key's certificate (go-tpm-tools,
 * client/handles.go). */
#define TPM_NV_GCE_RSA_CERT 0x01c10000
#define TPM_NV_GCE_RSA_TEMPLATE 0x01c10001
#define TPM_NV_GCE_ECC_CERT 0x01c10002
#define TPM_NV_GCE_ECC_TEMPLATE 0x01c10003

struct tpm;

/*
 * tpm_open opens the TPM behind a TCTI string, as "device:/dev/tpmrm0" or "swtpm:path=SOCKET", and
 * flushes what an earlier user left in it. Programs take turns: from here to tpm_close the TPM is
 * this one's, behind a resource manager too; who waits for TPM_TURN_SECONDS is told that it is
 * busy. From then on the program ignores SIGPIPE, so that a TPM
 * that goes away is an error. NULL and err on failure; close with tpm_close, which accepts NULL.
 */
struct tpm *tpm_open(const char *tcti, struct situs_err *err);
void tpm_close(struct tpm *t);

/* tpm_code is the response code of the last command that failed (part 2, 6.6); 0 when none did. */
uint32_t tpm_code(const struct tpm *t);

/* A key in the TPM. The zero state is no key. */
struct tpm_key {
    uint32_t handle; /* ESYS_TR */
    bool transient;
    bool password; /* an EK whose use the empty password authorizes: userWithAuth is set */
    uint8_t public[TPM_PUBLIC_MAX]; /* TPMT_PUBLIC */
    size_t public_size;
    uint8_t name[TPM_NAME_MAX];
    size_t name_size;
};

static inline struct span tpm_key_public(const struct tpm_key *k)
{
    return span_of(k->public, k->public_size);
}

static inline struct span tpm_key_name(const struct tpm_key *k)
{
    return span_of(k->name, k->name_size);
}

/* tpm_flush removes a key from the TPM's memory, unless it is persistent, and zeroes it. */
void tpm_flush(struct tpm *t, struct tpm_key *key);

/* tpm_ek is the RSA-2048 endorsement key: the persistent one where there is one, else made from
 * template L-1 (EK Credential Profile 2.5, B.3.3). A persistent key of another template is
 * refused. */
bool tpm_ek(struct tpm *t, struct tpm_key *ek, struct situs_err *err);

/* tpm_ek_p384 is the same for the P-384 endorsement key of template H-3. */
bool tpm_ek_p384(struct tpm *t, struct tpm_key *ek, struct situs_err *err);

/* tpm_nv_read reads a whole NV index that everybody may read, into room bytes. An index that the TPM has not is
 * SITUS_MISSING. */
bool tpm_nv_read(struct tpm *t, uint32_t index, uint8_t *out, size_t room, size_t *size,
                 struct situs_err *err);

/* tpm_nv_read_as_owner is the same by the owner's empty password: of an index whose own is another's. */
bool tpm_nv_read_as_owner(struct tpm *t, uint32_t index, uint8_t *out, size_t room, size_t *size,
                          struct situs_err *err);

/* tpm_nv_put writes all of an index of so many bytes (at most 512) by the owner's empty password, and makes the
 * index where there is none, for everybody to read and to write. One of another size is an error. */
bool tpm_nv_put(struct tpm *t, uint32_t index, struct span bytes, struct situs_err *err);

/*
 * What a key is sealed to: P of DESIGN: attestation key, 6. Without approval P is PolicyPCR over
 * pcrs; with it P is PolicyAuthorize, and approval is what the authority approved.
 */
struct tpm_seal {
    struct tpm_selection pcrs;
    const struct tpm_approval *approval; /* NULL: none */
};

struct tpm_approval {
    struct span key;       /* TPMT_PUBLIC of the authority's key */
    struct span ref;       /* policyRef, at most 64 bytes; may be empty */
    struct span signature; /* TPMT_SIGNATURE over SHA-256(approved policy || ref) */
};

/* tpm_seal_policy is the authPolicy of a sealed key, PolicyOR(P, P + PolicyCommandCode(
 * ActivateCredential)), for the registers as they are now. */
bool tpm_seal_policy(struct tpm *t, const struct tpm_seal *seal, uint8_t policy[32],
                     struct situs_err *err);

/* A key outside the TPM: its public area and the private one that only its parent opens. */
struct tpm_blob {
    uint8_t public[TPM_PUBLIC_MAX];
    size_t public_size;
    uint8_t private[TPM_PRIVATE_MAX];
    size_t private_size;
};

/* tpm_ak_create makes AK_d, a P-256 key under the EK: objectAttributes 0x000500b2, ECDSA with
 * SHA-256, authPolicy as given. It is not loaded. */
bool tpm_ak_create(struct tpm *t, const struct tpm_key *ek, const uint8_t policy[32],
                   struct tpm_blob *blob, struct situs_err *err);

/* tpm_ak_load loads a key under the EK; flush it with tpm_flush. */
bool tpm_ak_load(struct tpm *t, const struct tpm_key *ek, const struct tpm_blob *blob,
                 struct tpm_key *ak, struct situs_err *err);

/* tpm_ak_at takes a persistent key that somebody else made; whether it is an attestation key is not asked. Of a
 * handle without one SITUS_MISSING. */
bool tpm_ak_at(struct tpm *t, uint32_t handle, struct tpm_key *ak, struct situs_err *err);

/* tpm_ak_primary makes AK_v, a P-256 primary key of the endorsement hierarchy: objectAttributes
 * 0x00050072, ECDSA with SHA-256, no policy. The same TPM gives the same key. */
bool tpm_ak_primary(struct tpm *t, struct tpm_key *ak, struct situs_err *err);

/* tpm_ak_of makes the primary key of the endorsement hierarchy that a template (TPMT_PUBLIC) leads to. */
bool tpm_ak_of(struct tpm *t, struct span template, struct tpm_key *ak, struct situs_err *err);

/* Registers as read; the spans in registers point into value. */
struct tpm_pcrs {
    struct registers registers;
    uint8_t value[LIMIT_PCR_SELECTIONS * REGISTERS_MAX][HASH_MAX_SIZE];
};

/* tpm_pcrs_read reads the registers of the selections. A bank that the TPM does not have is
 * missing. */
bool tpm_pcrs_read(struct tpm *t, const struct tpm_selection *selections, size_t n,
                   struct tpm_pcrs *pcrs, struct situs_err *err);

/* tpm_banks selects the registers of mask in every bank that the TPM has allocated. */
bool tpm_banks(struct tpm *t, uint32_t mask, struct tpm_selection selections[LIMIT_PCR_SELECTIONS],
               size_t *n, struct situs_err *err);

/* One quote and the registers that it covers. */
struct tpm_quoted {
    uint8_t attest[LIMIT_ATTEST], signature[600];
    size_t attest_size, signature_size;
    struct tpm_pcrs pcrs;
};

/* What a quote is asked to carry and to cover. */
struct tpm_asked {
    struct span extra_data; /* at most 64 bytes */
    const struct tpm_selection *selections;
    size_t n; /* of them, at most LIMIT_PCR_SELECTIONS */
};

/* tpm_quote_make makes a quote; seal NULL: a key without policy. Register values that change between
 * quote and reading make it start over, three times at most. */
bool tpm_quote_make(struct tpm *t, const struct tpm_key *ak, const struct tpm_seal *seal,
                    const struct tpm_asked *asked, struct tpm_quoted *q, struct situs_err *err);

/* tpm_quote_value is the bundle's form of a quote; views into q and the key. */
struct tpm_value tpm_quote_value(const struct tpm_quoted *q, const struct tpm_key *ak);

/* A credential (part 1, 24): the contents of the TPM2B_ID_OBJECT and of the TPM2B_ENCRYPTED_SECRET. */
struct tpm_credential {
    struct span id_object, encrypted;
};

/* What a credential holds. */
struct tpm_secret {
    uint8_t bytes[TPM_SECRET_MAX];
    size_t n;
};

/* tpm_activate opens a credential for the key (part 3, 12.5); seal NULL: a key without policy. The
 * secret is n 0 on failure. */
bool tpm_activate(struct tpm *t, const struct tpm_key *ak, const struct tpm_seal *seal,
                  const struct tpm_key *ek, const struct tpm_credential *credential,
                  struct tpm_secret *secret, struct situs_err *err);

/* tpm_selections_read reads "sha384:0-9,11+sha256:17,18" into up to LIMIT_PCR_SELECTIONS rows;
 * false for anything else, a bank or register twice among it. */
bool tpm_selections_read(struct span text, struct tpm_selection *selections, size_t *n);

#endif
