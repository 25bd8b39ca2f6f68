/*
 * Intel PCS API v4 and PCCS (Intel SGX and TDX Provisioning Certification Service documentation,
 * "Get Revocation List", "Get TCB Info", "Enclave Identity"): four answers are what one platform's
 * quotes need. What comes back is checked for its form here and verified by snapshot_load later.
 */
#ifndef SITUS_FETCH_PCS_H
#define SITUS_FETCH_PCS_H

#include "collateral/wanted.h"
#include "fetch/url.h"
#include "frame/dir.h"

#define PCS_INTEL "https://api.trustedservices.intel.com"
/* Where Intel publishes the root's CRL: the root certificate's CRL distribution point. */
#define PCS_INTEL_ROOT_CRL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

/* Whom to ask, and how long. */
struct pcs_service {
    const char *url;      /* base URL of a PCCS; NULL: Intel's own service */
    const char *cacert;   /* PEM file of TLS anchors; NULL: the system's */
    long seconds;         /* for each answer */
    unsigned retries;     /* of each answer */
    bool early;           /* TCB infos and identities as they will be ("update=early") */
    uint64_t retry_after; /* of the answer that failed (http.h) */
    char asked[URL_MAX];  /* the address that failed; empty: none did */
};

/* pcs_base copies the base URL, without a trailing slash or the path of the API (as Intel's
 * sgx_default_qcnl.conf writes it). False, said in err, when it may not be asked. */
bool pcs_base(char base[256], const char *url, struct situs_err *err);

/* pcs_chain decodes the value of an issuer chain header: percent-encoded PEM. */
bool pcs_chain(char *pem, size_t room, size_t *size, struct span header, const char *what,
               struct situs_err *err);

/* pcs_crl is the CRL in a body: DER as it is, hex (PCCS) decoded in place; PEM as it is. */
bool pcs_crl(uint8_t *body, size_t *n, const char *what, struct situs_err *err);

/* pcs_get asks for s->asked and keeps the body in d under what. */
struct http_request;
bool pcs_get(struct pcs_service *s, const struct http_request *wanted, struct dir *d,
             struct situs_err *err);

/* pcs_fetch adds the answers and their issuer chains to d, named for messages. */
bool pcs_fetch(struct pcs_service *s, const struct wanted *w, struct dir *d, struct situs_err *err);

#endif
