/* CRLs among the endorsements: they say nothing by themselves; chains ask them (crypto/x509_crl.h).
 */
#include "crypto/crl.h"

#include "crypto/x509.h"
#include "endorse/endorsement.h"

/* A CRL or certificate is a DER SEQUENCE of more than 127 bytes, which no text begins like. */
static bool is_crl(const char *name, struct span in)
{
    (void)name;
    return in.n > 1 && in.p[0] == 0x30 && in.p[1] >= 0x80;
}

static bool is_certificate(struct span in)
{
    struct situs_err ignored = {0};
    struct x509 *cert = x509_read(in, NULL, "", &ignored);
    x509_free(cert);
    return cert != NULL;
}

/* The caller's is read to its last entry. One of a bundle costs the same whatever its size until a
 * chain names its issuer. */
static bool read_crl(struct endorsement *e, const struct trust *once, struct arena *a,
                     struct situs_err *err)
{
    static const struct crl_rules any = {.intel = false};
    struct crl crl;
    struct span serial;
    (void)once, (void)a;
    if (e->from_bundle)
        return true;
    if (is_certificate(e->bytes)) {
        err_fail(err, SITUS_UNKNOWN, e->part, "", 0, endorsement_kinds(), "a certificate");
        return err_hint(err, "an issuer's root goes into the trust file (situs-trust(5)); its "
                             "other certificates come with what it signs");
    }
    if (!crl_read(&crl, e->bytes, &any, e->part, err))
        return false;
    struct rd entries = crl_entries(&crl, e->part, err);
    while (rd_left(&entries))
        if (!crl_entry(&entries, &serial))
            return false;
    return true;
}

const struct endorsement_does crl_endorsement = {.is = is_crl, .read = read_crl};
