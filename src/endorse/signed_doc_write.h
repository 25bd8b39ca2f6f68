/* Writing what signed_doc.h reads. */
#ifndef SITUS_ENDORSE_SIGNED_DOC_WRITE_H
#define SITUS_ENDORSE_SIGNED_DOC_WRITE_H

#include "crypto/cose_write.h"
#include "endorse/signed_doc.h"

/* Who signs: certificates, leaf first, and the leaf's P-384 key. */
struct signed_doc_issuer {
    const struct span *chain; /* DER */
    size_t n_chain;
    const struct sign_key *key;
};

/* signed_doc_check and signed_doc_check_text say that a reader would take these members. */
bool signed_doc_check(uint64_t number, struct window valid, const char *part,
                      struct situs_err *err);
bool signed_doc_check_text(struct span text, const char *part, const char *field,
                           struct situs_err *err);

/* signed_doc_begin writes all that stands before a payload of that size, by cose_begin; cose_end
 * is owed only when it succeeds. A key of another curve is unsupported. */
bool signed_doc_begin(struct cose_writer *w, const char *content_type,
                      const struct signed_doc_issuer *issuer, size_t payload_size, cose_put *put,
                      void *to, struct situs_err *err);

#endif
