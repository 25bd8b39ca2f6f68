/* What a snapshot holds, and a directory of it; see collateral_state.h. */
#include "collateral/collateral_state.h"

#include "base/text.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "situs/door.h"

#include <stdio.h>
#include <sys/stat.h>

/* merge makes all the files of the old directory, if there is one, and the new set over them. */
static bool merge(struct collateral *all, const struct collateral *c, const char *path,
                  struct situs_err *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && !dir_read(&all->files, path, LIMIT_COLLATERAL_FILE, err))
        return false;
    return collateral_sort(&all->files, c, err);
}

/* Files that are kept must be verified, so every CRL's issuer is to lie beside it. */
static bool none_loose(const struct situs_snapshot *snapshot, struct situs_err *err)
{
    if (snapshot->collateral.intel.pki.n_loose == 0)
        return true;
    err_fail(err, SITUS_UNTRUSTED, "CRL", "crl.issuer", SITUS_NO_OFFSET,
             "the certificate of the CA that signed it", "a CRL alone");
    return err_hint(err, "import the CRL's issuer chain with it: Intel's service sends it in the "
                         "header SGX-PCK-CRL-Issuer-Chain");
}

bool collateral_save(const struct collateral *c, const char *path, const struct situs_trust *trust,
                     bool keep, struct situs_err *err)
{
    struct collateral all = {.n = 0};
    struct loaded_snapshot s = {.snapshot = NULL};
    bool ok = keep ? merge(&all, c, path, err) : collateral_sort(&all.files, c, err);
    collateral_parts(&all);
    ok = ok && load_snapshot(&s, all.parts, all.n, trust, err) && none_loose(s.snapshot, err) &&
         dir_write(&all.files, path, collateral_ours, err);
    load_snapshot_free(&s);
    collateral_free(&all);
    return ok;
}

int collateral_save_exit(const struct situs_err *err)
{
    bool verifies = err->code != SITUS_UNTRUSTED && err->code != SITUS_BAD_SIGNATURE;
    return verifies ? EXIT_USAGE : load_exit(err);
}

static const char *role_name(enum intel_role role)
{
    static const char *const rows[] = {[INTEL_ROLE_NONE] = "unknown",
                                       [INTEL_ROOT] = "root CA",
                                       [INTEL_PLATFORM_CA] = "PCK platform CA",
                                       [INTEL_PROCESSOR_CA] = "PCK processor CA",
                                       [INTEL_PCK] = "PCK",
                                       [INTEL_TCB_SIGNING] = "TCB signing"};
    return rows[role];
}

static bool amd_item(const struct amd_collateral *c, size_t i, struct collateral_item *item)
{
    static const char *const roles[] = {[AMD_ARK] = "ARK",
                                        [AMD_ASK] = "ASK",
                                        [AMD_ASVK] = "ASVK",
                                        [AMD_VCEK] = "VCEK",
                                        [AMD_VLEK] = "VLEK"};
    if (i < c->n_crls) {
        const struct product *of = amd_crl_product(&c->crls[i].crl);
        snprintf(item->name, sizeof item->name, "CRL of the ARK %s", of ? of->name : "");
        item->valid = c->crls[i].crl.valid;
        return true;
    }
    i -= c->n_crls;
    if (i >= c->n)
        return false;
    snprintf(item->name, sizeof item->name, "certificate of the %s %s", roles[c->certs[i].role],
             c->certs[i].product->name);
    return x509_validity(c->certs[i].x509, &item->valid);
}

bool collateral_item(const struct situs_snapshot *snapshot, size_t i, struct collateral_item *item)
{
    const struct snapshot *s = &snapshot->collateral.intel;
    char *name = item->name;
    size_t room = sizeof item->name;
    item->evaluation_number = 0;
    if (i < s->n_infos) {
        const struct tcb_info *t = &s->infos[i];
        snprintf(name, room, "TCB info %s %s", t->tdx ? "tdx" : "sgx",
                 TEXT_HEX(SPAN_ARR(t->fmspc)));
        item->valid = t->valid;
        item->evaluation_number = t->evaluation_number;
        return true;
    }
    i -= s->n_infos;
    if (i < s->n_qes) {
        snprintf(name, room, "QE identity %s", s->qes[i].tdx ? "tdx" : "sgx");
        item->valid = s->qes[i].valid;
        item->evaluation_number = s->qes[i].evaluation_number;
        return true;
    }
    i -= s->n_qes;
    if (i < s->pki.n_crls) {
        snprintf(name, room, "CRL of the %s", role_name(s->pki.crls[i].issuer->cert.role));
        item->valid = s->pki.crls[i].crl.valid;
        return true;
    }
    i -= s->pki.n_crls;
    if (i < s->pki.n_loose) {
        snprintf(name, room, "CRL of a CA that is not here");
        item->valid = s->pki.loose[i].valid;
        return true;
    }
    i -= s->pki.n_loose;
    if (i >= s->pki.n_issuers)
        return amd_item(&snapshot->collateral.amd, i - s->pki.n_issuers, item);
    snprintf(name, room, "certificate of the %s", role_name(s->pki.issuers[i].cert.role));
    item->valid = s->pki.issuers[i].cert.valid;
    return true;
}

bool collateral_current(const struct situs_snapshot *snapshot, int64_t at, struct situs_err *err)
{
    struct collateral_item item;
    for (size_t i = 0; collateral_item(snapshot, i, &item); i++) {
        if (at > item.valid.to)
            return err_fail(err, SITUS_EXPIRED, item.name, "valid until", SITUS_NO_OFFSET,
                            TEXT_TIME(at), TEXT_TIME(item.valid.to));
        if (at < item.valid.from)
            return err_fail(err, SITUS_NOT_YET_VALID, item.name, "valid from", SITUS_NO_OFFSET,
                            TEXT_TIME(at), TEXT_TIME(item.valid.from));
    }
    return true;
}

/* find looks for the item of this name; certificates, which may share one, are not looked for. */
static bool find(const struct situs_snapshot *s, const char *name, struct collateral_item *item)
{
    for (size_t i = 0; collateral_item(s, i, item); i++)
        if (strcmp(item->name, name) == 0 && strncmp(name, "certificate", 11) != 0)
            return true;
    return false;
}

bool collateral_not_older(const struct situs_snapshot *snapshot, const struct situs_snapshot *held,
                          struct situs_err *err)
{
    struct collateral_item item, old;
    for (size_t i = 0; collateral_item(snapshot, i, &item); i++) {
        if (!find(held, item.name, &old))
            continue;
        if (item.evaluation_number < old.evaluation_number) {
            err_fail(err, SITUS_MISMATCH, item.name, "tcbEvaluationDataNumber", SITUS_NO_OFFSET,
                     TEXT_NUM(old.evaluation_number), TEXT_NUM(item.evaluation_number));
            return err_hint(err, "the service answers for an earlier TCB recovery: ask another "
                                 "with --url; if it is meant, fetch into a new directory");
        }
        if (item.valid.from >= old.valid.from)
            continue;
        err_fail(err, SITUS_MISMATCH, item.name, "valid from", SITUS_NO_OFFSET,
                 "one not older than what is held", TEXT_TIME(item.valid.from));
        return err_hint(err, "the service's cache is behind: try again later, or ask another with "
                             "--url");
    }
    return true;
}
