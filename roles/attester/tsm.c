/* configfs-tsm; see tsm.h. */
#include "attester/tsm.h"

#include "attester/tsm_entry.h"
#include "base/limits.h"
#include "base/text.h"
#include "tee/intel/quote.h"

#include <errno.h>
#include <stdio.h>

#define TRIES 3
#define PATH_ROOM 512
#define ENTRIES 64 /* names that are tried when others exist */

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(err, code, TSM_PART, field, SITUS_NO_OFFSET, expected, got);
}

static bool io_fail(struct situs_err *err, const char *field, long result)
{
    fail(err, SITUS_MISSING, field, "a file of configfs-tsm", strerror((int)-result));
    return err_hint(err, "this must run as root inside a TD whose kernel has TSM reports "
                         "(Linux 6.7), with configfs mounted; --tsm names another place");
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

static bool read_generation(const struct tsm_files *f, const char *entry, uint64_t *generation,
                            struct situs_err *err)
{
    char text[32];
    if (!read_small(f, entry, "generation", text, err))
        return false;
    return text_number(span_text(text), 0, INT64_MAX, generation) ||
           fail(err, SITUS_MALFORMED, "generation", "a number", text);
}

/* exchange writes inblob and reads outblob. */
static bool exchange(const struct tsm_files *f, const char *entry, const uint8_t report_data[64],
                     uint8_t *out, size_t room, size_t *size, struct situs_err *err)
{
    char path[PATH_ROOM];
    if (!file_path(path, entry, "inblob", err))
        return false;
    int wrote = f->write(f->context, path, span_of(report_data, 64));
    if (wrote < 0)
        return io_fail(err, "inblob", wrote);
    if (!file_path(path, entry, "outblob", err))
        return false;
    ssize_t n = f->read(f->context, path, out, room);
    if (n < 0)
        return io_fail(err, "outblob", n);
    *size = (size_t)n;
    return true;
}

/* in_entry checks the provider and tries until nobody interferes. */
static bool in_entry(const struct tsm_files *f, const char *entry, const uint8_t report_data[64],
                     uint8_t *out, size_t room, size_t *size, struct situs_err *err)
{
    char provider[32];
    if (!read_small(f, entry, "provider", provider, err))
        return false;
    if (strcmp(provider, "tdx_guest") != 0)
        return fail(err, SITUS_UNSUPPORTED, "provider", "tdx_guest", provider);
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = 0, after = 0;
        if (!read_generation(f, entry, &before, err) ||
            !exchange(f, entry, report_data, out, room, size, err) ||
            !read_generation(f, entry, &after, err))
            return false;
        if (after == before + 1)
            return *size > 0 || fail(err, SITUS_TOO_SHORT, "outblob", "a quote", "nothing");
    }
    fail(err, SITUS_MISMATCH, "generation", "one write more than before", "others");
    return err_hint(err, "another program writes to our entry; let only one attester run");
}

bool tsm_quote(const struct tsm_files *files, const char *root, const uint8_t report_data[64],
               uint8_t *out, size_t room, size_t *size, struct situs_err *err)
{
    char name[TSM_ENTRY_NAME], entry[PATH_ROOM];
    int made = -EEXIST;
    *size = 0;
    tsm_entry_sweep(files, root);
    for (int i = 0; i < ENTRIES && made == -EEXIST; i++) {
        tsm_entry_name(name, i);
        if (!file_path(entry, root, name, err))
            return false;
        made = files->make_dir(files->context, entry);
    }
    if (made < 0)
        return io_fail(err, "report", made);
    bool ok = in_entry(files, entry, report_data, out, room, size, err);
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
