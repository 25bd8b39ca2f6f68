/* Probes; see attest_look.h. */
#include "doctor/attest_look.h"

#include "base/limits.h"
#include "tpm/tpm_device.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { DEVICE, FOLDER, LOG, FLAG, TWO };

static const struct probe {
    const char *id, *path, *what, *absent;
    enum kind kind;
} probes[] = {
#define PROBE(id, kind, path, what, absent) {id, path, what, absent, kind},
#include "doctor/attest_look.def"
#undef PROBE
};

static void find(struct attest_finding *f, enum attest_state state, const char *got,
                 const char *hint)
{
    f->state = state;
    f->hint = hint;
    snprintf(f->got, sizeof f->got, "%.250s", got);
}

const char *attest_look_state(enum attest_state state)
{
    static const char *const texts[] = {
        [STATE_GOOD] = "good",
        [STATE_ABSENT] = "absent",
        [STATE_DENIED] = "denied",
        [STATE_WRONG] = "wrong",
    };
    return texts[state];
}

/* refused says why a system call failed. */
static void refused(struct attest_finding *f, const struct probe *p, int error)
{
    bool denied = error == EACCES || error == EPERM || error == EROFS;
    find(f, denied ? STATE_DENIED : STATE_ABSENT, strerror(error),
         !denied             ? p->absent
         : p->kind == DEVICE ? "be root or in the group of the device; a service's unit says "
                               "SupplementaryGroups="
                             : "be root: the kernel shows it to nobody else");
}

/* says looks for a word among those of a file, or for the file being that word. */
static bool says(FILE *file, const char *word)
{
    char text[64];
    while (fscanf(file, "%63s", text) == 1)
        if (strcmp(text, word) == 0)
            return true;
    return false;
}

static void read_some(struct attest_finding *f, const struct probe *p, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        refused(f, p, errno);
        return;
    }
    bool good =
        p->kind == LOG ? fgetc(file) != EOF : says(file, p->kind == FLAG ? "tdx_guest" : "2");
    if (ferror(file))
        refused(f, p, errno);
    else
        find(f,
             good              ? STATE_GOOD
             : p->kind == FLAG ? STATE_ABSENT
                               : STATE_WRONG,
             good              ? path
             : p->kind == LOG  ? "an empty file"
             : p->kind == FLAG ? "a processor without the flag"
                               : "another version",
             good ? NULL : p->absent);
    fclose(file);
}

bool attest_look(const char *root, size_t i, struct attest_finding *found)
{
    if (i >= sizeof probes / sizeof *probes)
        return false;
    const struct probe *p = &probes[i];
    char path[PATH_MAX];
    struct stat st;
    *found = (struct attest_finding){.id = p->id, .what = p->what};
    int n = snprintf(path, sizeof path, "%s/%s", root, p->path);
    if (n < 0 || n >= (int)sizeof path)
        refused(found, p, ENAMETOOLONG);
    else if (stat(path, &st) != 0)
        refused(found, p, errno);
    else if (S_ISDIR(st.st_mode) != (p->kind == FOLDER))
        find(found, STATE_WRONG, p->kind == FOLDER ? "no folder" : "a folder", p->absent);
    else if (p->kind != DEVICE && p->kind != FOLDER)
        read_some(found, p, path);
    else if (access(path, R_OK | W_OK | (p->kind == FOLDER ? X_OK : 0)) != 0)
        refused(found, p, errno);
    else
        find(found, STATE_GOOD, path, NULL);
    return true;
}

/* answered notes what the TPM said to one question. */
static bool answered(struct attest_finding *f, bool good, struct situs_err *err, const char *hint)
{
    char got[sizeof f->got];
    snprintf(got, sizeof got, "%.80s: %.160s", err->field, err->got);
    find(f, good ? STATE_GOOD : STATE_WRONG, good ? "the TPM's" : got, good ? NULL : hint);
    *err = (struct situs_err){0};
    return good;
}

/* On Azure's machines; elsewhere it is absent, and nothing is amiss. */
static void look_paravisor(struct tpm *t, struct attest_finding found[2])
{
    static const uint32_t indices[2] = {TPM_NV_HCL_REPORT, TPM_NV_HCL_AK_CERT};
    struct situs_err err = {0};
    uint8_t bytes[LIMIT_HCL_REPORT];
    size_t size;
    for (size_t i = 0; i < 2; i++) {
        bool good = tpm_nv_read_as_owner(t, indices[i], bytes, sizeof bytes, &size, &err) &&
                    !span_all(span_of(bytes, size), 0);
        if (good || err.code == SITUS_MISSING)
            find(&found[i], good ? STATE_GOOD : STATE_ABSENT, good ? "the paravisor's" : err.got,
                 good ? NULL : "on Azure's confidential machines alone; elsewhere nothing");
        else
            answered(&found[i], false, &err, "the paravisor has not written it yet: try again");
        err = (struct situs_err){0};
    }
}

void attest_look_tpm(const char *tcti, struct attest_finding found[ATTEST_TPM])
{
    struct situs_err err = {0};
    struct tpm_key ek = {0}, ak = {0};
    uint8_t cert[TPM_EK_CERT_MAX];
    size_t size;
    found[0] = (struct attest_finding){.id = "tpm.ek", .what = "it has an endorsement key"};
    found[1] =
        (struct attest_finding){.id = "tpm.ek_certificate", .what = "its maker certified that key"};
    found[2] = (struct attest_finding){.id = "tpm.ak", .what = "it makes an attestation key"};
    found[3] = (struct attest_finding){.id = "azure.report",
                                       .what = "a paravisor reports for this guest (--paravisor)"};
    found[4] = (struct attest_finding){.id = "azure.ak_certificate",
                                       .what = "Microsoft certified the paravisor's key"};
    struct tpm *t = tpm_open(tcti, &err);
    if (!t) {
        for (size_t i = 0; i < ATTEST_TPM; i++) {
            struct situs_err same = err;
            answered(&found[i], false, &same, "is the TCTI right, and nobody else at the TPM?");
        }
        return;
    }
    answered(&found[0], tpm_ek(t, &ek, &err), &err,
             "its owner must not have changed the endorsement hierarchy's authorization");
    answered(&found[1],
             tpm_nv_read(t, TPM_NV_EK_CERT, cert, sizeof cert, &size, &err) ||
                 tpm_nv_read(t, TPM_NV_EK_CERT_P384, cert, sizeof cert, &size, &err),
             &err, "a vTPM's provider certifies its keys elsewhere (situs attest --ak-cert)");
    answered(&found[2], tpm_ak_primary(t, &ak, &err), &err, "a TPM with ECDSA over P-256");
    tpm_flush(t, &ak);
    tpm_flush(t, &ek);
    look_paravisor(t, &found[3]);
    tpm_close(t);
}
