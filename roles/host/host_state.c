/* The host's state directory; see host_state.h. */
#include "host/host_state.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define PART "host state"
#define FILE_MAX LIMIT_CERT

static bool ours(const char *name)
{
    static const char *const names[] = {
        "ak.public",          "ak.private",         "pcrs",      "ek",        "approval.key",
        "approval.reference", "approval.signature", "cert0.der", "cert1.der", "cert2.der",
        "cert3.der",          "cert4.der",          "cert5.der"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static struct span get(const struct dir *d, const char *name)
{
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->v[i].name, name) == 0)
            return span_of(d->v[i].p, d->v[i].n);
    return span_of(NULL, 0);
}

static bool take(uint8_t *to, size_t room, size_t *size, struct span s)
{
    if (s.n == 0 || s.n > room)
        return false;
    memcpy(to, s.p, s.n);
    *size = s.n;
    return true;
}

static bool understand(struct host_state *s, struct situs_err *err)
{
    const struct dir *d = &s->dir;
    size_t n = 0;
    struct span ek = get(d, "ek");
    struct tpm_selection pcrs[LIMIT_PCR_SELECTIONS];
    if (!take(s->ak.public, sizeof s->ak.public, &s->ak.public_size, get(d, "ak.public")) ||
        !take(s->ak.private, sizeof s->ak.private, &s->ak.private_size, get(d, "ak.private")) ||
        !tpm_selections_read(get(d, "pcrs"), pcrs, &n) || n != 1 ||
        (ek.n && !span_equal(ek, SPAN_LIT("p384")))) {
        err_fail(err, SITUS_MALFORMED, PART, "", SITUS_NO_OFFSET, "ak.public, ak.private, pcrs",
                 "something else");
        return err_hint(err, "remove the directory and provision again");
    }
    s->p384 = ek.n > 0;
    s->seal.pcrs = pcrs[0];
    s->approval = (struct tpm_approval){get(d, "approval.key"), get(d, "approval.reference"),
                                        get(d, "approval.signature")};
    s->seal.approval = s->approval.key.n ? &s->approval : NULL;
    for (s->n_certs = 0; s->n_certs < LIMIT_CHAIN_CERTS; s->n_certs++) {
        char name[32];
        snprintf(name, sizeof name, "cert%zu.der", s->n_certs);
        s->certs[s->n_certs] = get(d, name);
        if (s->certs[s->n_certs].n == 0)
            break;
    }
    return true;
}

bool host_state_load(struct host_state *s, const char *path, bool *there, struct situs_err *err)
{
    *s = (struct host_state){.n_certs = 0};
    *there = access(path, F_OK) == 0 || errno != ENOENT;
    if (!*there)
        return true;
    if (dir_read(&s->dir, path, FILE_MAX, err) && understand(s, err))
        return true;
    host_state_free(s);
    return false;
}

void host_state_free(struct host_state *s)
{
    dir_free(&s->dir);
    *s = (struct host_state){.n_certs = 0};
}

bool host_state_save(const struct host_state *s, const char *path, const char *pcrs,
                     struct situs_err *err)
{
    struct dir d = {0};
    bool ok = dir_put(&d, "ak.public", span_of(s->ak.public, s->ak.public_size), err) &&
              dir_put(&d, "ak.private", span_of(s->ak.private, s->ak.private_size), err) &&
              dir_put(&d, "pcrs", span_text(pcrs), err);
    ok = ok && (!s->p384 || dir_put(&d, "ek", SPAN_LIT("p384"), err));
    if (ok && s->seal.approval)
        ok = dir_put(&d, "approval.key", s->seal.approval->key, err) &&
             dir_put(&d, "approval.reference", s->seal.approval->ref, err) &&
             dir_put(&d, "approval.signature", s->seal.approval->signature, err);
    for (size_t i = 0; ok && i < s->n_certs; i++) {
        char name[32];
        snprintf(name, sizeof name, "cert%zu.der", i);
        ok = dir_put(&d, name, s->certs[i], err);
    }
    ok = ok && dir_write(&d, path, ours, err);
    dir_free(&d);
    return ok;
}
