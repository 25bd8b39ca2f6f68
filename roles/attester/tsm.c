/* configfs-tsm; see tsm.h. */
#include "attester/tsm.h"

#include "attester/tsm_entry.h"
#include "base/limits.h"
#include "base/text.h"
#include "tee/amd/snp_report.h"
#include "tee/intel/quote.h"

#include <errno.h>
#include <stdio.h>

#define TRIES 3
#define PATH_ROOM 512
#define ENTRIES 64 /* names that are tried when others exist */

/* By the name of the kernel's module. extra: it has privilege levels, and an auxblob. */
static const struct provider {
    const char *name;
    enum check_kind tee;
    bool extra;
} providers[] = {{"tdx_guest", KIND_TDX, false}, {"sev_guest", KIND_SNP, true}};

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(err, code, TSM_PART, field, SITUS_NO_OFFSET, expected, got);
}

static bool io_fail(struct situs_err *err, const char *field, long result)
{
    fail(err, SITUS_MISSING, field, "a file of configfs-tsm", strerror((int)-result));
    return err_hint(err, "this must run as root inside a TD or SEV-SNP guest whose kernel has TSM "
                         "reports (Linux 6.7), with configfs mounted; --tsm names another place");
}

static bool file_path(char path[PATH_ROOM], const char *entry, const char *name,
                      struct situs_err *err)
{
    int n = snprintf(path, PATH_ROOM, "%s/%s", entry, name);
    return (n > 0 && n < PATH_ROOM) ||
           fail(err, SITUS_TOO_LONG, name, "a path of at most 511 bytes", "more");
}

static bool read_small(const struct tsm_files *f, const char *entry, const char *name,
                       char text[32], struct situs_err *err)
{
    char path[PATH_ROOM];
    if (!file_path(path, entry, name, err))
        return false;
    ssize_t n = f->read(f->context, path, (uint8_t *)text, 31);
    if (n < 0)
        return io_fail(err, name, n);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    text[n] = 0;
    return true;
}

static bool read_number(const struct tsm_files *f, const char *entry, const char *name,
                        uint64_t most, uint64_t *number, struct situs_err *err)
{
    char text[32];
    if (!read_small(f, entry, name, text, err))
        return false;
    return text_number(span_text(text), 0, most, number) ||
           fail(err, SITUS_MALFORMED, name, "a number", text);
}

static bool write_file(const struct tsm_files *f, const char *entry, const char *name,
                       struct span bytes, struct situs_err *err)
{
    char path[PATH_ROOM];
    if (!file_path(path, entry, name, err))
        return false;
    int wrote = f->write(f->context, path, bytes);
    return wrote >= 0 || io_fail(err, name, wrote);
}

/* What a file holds, behind what is there already. */
static bool read_blob(const struct tsm_files *f, const char *entry, const char *name,
                      struct tsm_answer *a, struct situs_err *err)
{
    char path[PATH_ROOM];
    if (!file_path(path, entry, name, err))
        return false;
    ssize_t n = f->read(f->context, path, a->bytes + a->size, a->room - a->size);
    if (n < 0)
        return io_fail(err, name, n);
    a->size += (size_t)n;
    return true;
}

/* exchange writes inblob and reads outblob; an auxblob is empty where the host has no certificates. */
static bool exchange(const struct tsm_files *f, const char *entry, const struct provider *p,
                     const uint8_t report_data[64], struct tsm_answer *a, struct situs_err *err)
{
    a->size = 0;
    if (!write_file(f, entry, "inblob", span_of(report_data, 64), err) ||
        !read_blob(f, entry, "outblob", a, err))
        return false;
    if (a->size == 0)
        return fail(err, SITUS_TOO_SHORT, "outblob", "a quote", "nothing");
    return !p->extra || read_blob(f, entry, "auxblob", a, err);
}

static const struct provider *find_provider(const char *name)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (strcmp(name, providers[i].name) == 0)
            return &providers[i];
    return NULL;
}

/* The default is level 0, which is not this guest's where something runs below it. */
static bool at_own_level(const struct tsm_files *f, const char *entry, struct situs_err *err)
{
    uint64_t floor = 0;
    char text[8];
    if (!read_number(f, entry, "privlevel_floor", 3, &floor, err))
        return false;
    if (floor == 0)
        return true;
    snprintf(text, sizeof text, "%u", (unsigned)floor);
    return write_file(f, entry, "privlevel", span_text(text), err);
}

/* in_entry checks the provider and tries until nobody interferes. */
static bool in_entry(const struct tsm_files *f, const char *entry, const uint8_t report_data[64],
                     struct tsm_answer *a, struct situs_err *err)
{
    char name[32];
    if (!read_small(f, entry, "provider", name, err))
        return false;
    const struct provider *p = find_provider(name);
    if (!p)
        return fail(err, SITUS_UNSUPPORTED, "provider", "tdx_guest or sev_guest", name);
    a->tee = p->tee;
    if (p->extra && !at_own_level(f, entry, err))
        return false;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = 0, after = 0;
        if (!read_number(f, entry, "generation", INT64_MAX, &before, err) ||
            !exchange(f, entry, p, report_data, a, err) ||
            !read_number(f, entry, "generation", INT64_MAX, &after, err))
            return false;
        if (after == before + 1)
            return true;
    }
    fail(err, SITUS_MISMATCH, "generation", "one write more than before", "others");
    return err_hint(err, "another program writes to our entry; let only one attester run");
}

bool tsm_ask(const struct tsm_files *files, const char *root, const uint8_t report_data[64],
             struct tsm_answer *answer, struct situs_err *err)
{
    char name[TSM_ENTRY_NAME], entry[PATH_ROOM];
    int made = -EEXIST;
    answer->size = 0;
    tsm_entry_sweep(files, root);
    for (int i = 0; i < ENTRIES && made == -EEXIST; i++) {
        tsm_entry_name(name, i);
        if (!file_path(entry, root, name, err))
            return false;
        made = files->make_dir(files->context, entry);
    }
    if (made < 0)
        return io_fail(err, "report", made);
    bool ok = in_entry(files, entry, report_data, answer, err);
    int removed = files->remove_dir(files->context, entry);
    if (ok && removed < 0)
        ok = io_fail(err, "report", removed);
    return ok;
}

bool tsm_report(const struct tsm_files *files, const char *device, const uint8_t report_data[64],
                uint8_t out[TSM_REPORT_SIZE], bool *there, struct situs_err *err)
{
    int result = files->report(files->context, device, report_data, out);
    *there = result == 0;
    if (result == 0 || result == -ENOENT)
        return true;
    fail(err, SITUS_MISSING, "tdreport", "the TD's own report", strerror(-result));
    return err_hint(err, "run as one who may open the device, or name it with --td-device");
}

/*
 * The TD's identity is the same bytes in both structures, from ATTRIBUTES to RTMR3:
 *   quote body   td_attributes at 120, report_data at 520 (Intel TDX DCAP Quoting Library API,
 * A.3.2) TDREPORT     report_data at 128, TDINFO.ATTRIBUTES at 512 (Intel TDX Module ABI, 4.6)
 */
#define BODY_IDENTITY 120
#define BODY_REPORT_DATA 520
#define REPORT_IDENTITY 512
#define REPORT_REPORT_DATA 128
#define IDENTITY_SIZE 400

bool tsm_quote_is_ours(struct span quote, const uint8_t report_data[64], const uint8_t *report,
                       struct situs_err *err)
{
    struct quote q;
    if (!quote_read(&q, quote, err))
        return false;
    if (!q.tdx || q.body.n < BODY_REPORT_DATA + 64)
        return err_fail(err, SITUS_UNSUPPORTED, TSM_PART, "quote", SITUS_NO_OFFSET, "a TDX quote",
                        "another");
    struct span got = span_cut(q.body, BODY_REPORT_DATA, 64);
    if (!span_equal(got, span_of(report_data, 64)))
        return fail(err, SITUS_MISMATCH, "report_data", TEXT_HEX(span_of(report_data, 64)),
                    TEXT_HEX(got));
    if (!report)
        return true;
    if (!span_equal(span_of(report + REPORT_REPORT_DATA, 64), span_of(report_data, 64)))
        return fail(err, SITUS_MISMATCH, "tdreport.report_data", "the report data asked for",
                    "another");
    if (!span_equal(span_cut(q.body, BODY_IDENTITY, IDENTITY_SIZE),
                    span_of(report + REPORT_IDENTITY, IDENTITY_SIZE))) {
        fail(err, SITUS_MISMATCH, "tdinfo", "a quote of this TD", "another TD's measurements");
        return err_hint(err, "what answers as the quoting service quotes another TD: nothing was "
                             "signed");
    }
    return true;
}

bool tsm_snp_is_ours(struct span evidence, const uint8_t report_data[64], struct situs_err *err)
{
    struct snp_report r;
    if (!snp_report_read(&r, evidence, err))
        return false;
    struct span got = SNP_REPORT_DATA(&r);
    return span_equal(got, span_of(report_data, 64)) ||
           fail(err, SITUS_MISMATCH, "report_data", TEXT_HEX(span_of(report_data, 64)),
                TEXT_HEX(got));
}
