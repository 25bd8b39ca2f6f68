/* The TD for tests; see fake_tsm.h. */
#include "support/fake_tsm.h"

#include "base/wr.h"
#include "support/qgs_ends.h"
#include "support/test.h"
#include "wire/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool is(const char *path, const char *name)
{
    const char *last = strrchr(path, '/');
    return last && strcmp(last + 1, name) == 0;
}

static bool fails(const struct fake_tsm *t, const char *path)
{
    return t->failing && is(path, t->failing);
}

static int make_dir(void *context, const char *path)
{
    struct fake_tsm *t = context;
    (void)path;
    if (t->failing && strcmp(t->failing, "mkdir") == 0)
        return -ENXIO;
    t->entries++;
    t->made++;
    t->wrote = false;
    return 0;
}

static int remove_dir(void *context, const char *path)
{
    struct fake_tsm *t = context;
    for (size_t i = 0; i < 8; i++)
        if (t->left[i][0] && is(path, t->left[i])) {
            t->left[i][0] = 0;
            return 0;
        }
    t->entries--;
    return 0;
}

static int list(void *context, const char *path, void (*visit)(void *visitor, const char *name),
                void *visitor)
{
    struct fake_tsm *t = context;
    (void)path;
    for (size_t i = 0; i < 8; i++)
        if (t->left[i][0])
            visit(visitor, t->left[i]);
    return 0;
}

static int write_file(void *context, const char *path, struct span bytes)
{
    struct fake_tsm *t = context;
    if (fails(t, path))
        return -EIO;
    if (t->snp && is(path, "privlevel")) {
        t->level = bytes.p[0] - '0';
        t->generation++;
        return 0;
    }
    if (!is(path, "inblob"))
        return -EIO;
    if (bytes.n > sizeof t->inblob)
        return -EFBIG;
    memcpy(t->inblob, bytes.p, bytes.n);
    t->wrote = true;
    t->generation++;
    return 0;
}

static ssize_t give(struct span s, uint8_t *out, size_t size)
{
    if (s.n > size)
        return -EFBIG;
    if (s.n)
        memcpy(out, s.p, s.n);
    return (ssize_t)s.n;
}

static int report(void *context, const char *device, const uint8_t data[64],
                  uint8_t out[TSM_REPORT_SIZE]);

/* As the kernel and the hypervisor do: the TD's report goes to the quoting service. */
static ssize_t quote_by_service(struct fake_tsm *t, uint8_t *out, size_t size)
{
    uint8_t tdreport[TSM_REPORT_SIZE], room[2048];
    struct wr w = wr_new(room, sizeof room);
    struct situs_err err = {0};
    struct qgs_answer a;
    report(t, "", t->inblob, tdreport);
    qgs_request_write(&w, SPAN_ARR(tdreport));
    struct span body = wire_ask(t->qgs, wr_span(&w), "qgs", &err);
    ssize_t n = body.p && qgs_answer_read(&a, body, &err) ? give(a.quote, out, size) : -EIO;
    free((void *)(uintptr_t)body.p);
    return n;
}

static ssize_t read_report(struct fake_tsm *t, uint8_t *out, size_t size)
{
    struct lab_snp_guest asks = *t->snp;
    uint8_t report[LAB_SNP_REPORT];
    asks.report[0x030] = (uint8_t)t->level;
    t->inblob[0] ^= t->other_report_data;
    lab_snp_guest_report(&asks, t->inblob, report);
    return give(SPAN_ARR(report), out, size);
}

static ssize_t read_quote(struct fake_tsm *t, uint8_t *out, size_t size)
{
    if (!t->wrote)
        return -EINVAL;
    if (t->strangers) {
        t->strangers--;
        t->generation++;
    }
    if (t->snp)
        return read_report(t, out, size);
    if (t->qgs)
        return quote_by_service(t, out, size);
    memcpy(t->quote.td.report_data, t->inblob, 64);
    t->quote.td.report_data[0] ^= t->other_report_data;
    return give(lab_quote_make(t->world, &t->quote), out, size);
}

static ssize_t read_file(void *context, const char *path, uint8_t *out, size_t size)
{
    struct fake_tsm *t = context;
    char text[32];
    if (fails(t, path))
        return -EIO;
    if (is(path, "outblob"))
        return read_quote(t, out, size);
    if (t->snp && is(path, "auxblob"))
        return give(t->snp->table, out, size);
    if (t->snp && is(path, "privlevel_floor"))
        snprintf(text, sizeof text, "%u\n", t->floor);
    else if (is(path, "provider"))
        snprintf(text, sizeof text, "%s\n", t->provider);
    else if (is(path, "generation"))
        snprintf(text, sizeof text, "%s%llu\n", t->before_generation ? t->before_generation : "",
                 (unsigned long long)t->generation);
    else
        return -ENOENT;
    return give(span_text(text), out, size);
}

/* TDREPORT_STRUCT: report data at 128; TDINFO at 512 from ATTRIBUTES to RTMR3 (Intel TDX Module
 * ABI, 4.6). */
static int report(void *context, const char *device, const uint8_t data[64],
                  uint8_t out[TSM_REPORT_SIZE])
{
    struct fake_tsm *t = context;
    const struct lab_td_report *td = &t->quote.td;
    (void)device;
    if (!t->has_device)
        return -ENOENT;
    memset(out, 0, TSM_REPORT_SIZE);
    memcpy(out + 128, data, 64);
    struct wr w = wr_new(out + 512, 400);
    wr_bytes(&w, SPAN_ARR(td->td_attributes));
    wr_bytes(&w, SPAN_ARR(td->xfam));
    wr_bytes(&w, SPAN_ARR(td->mr_td));
    wr_bytes(&w, SPAN_ARR(td->mr_config_id));
    wr_bytes(&w, SPAN_ARR(td->mr_owner));
    wr_bytes(&w, SPAN_ARR(td->mr_owner_config));
    for (int i = 0; i < 4; i++)
        wr_bytes(&w, SPAN_ARR(td->rtmr[i]));
    assert_int_equal(w.n, 400);
    out[512 + 352] ^= t->device_rtmr3;
    return 0;
}

void fake_tsm_init(struct fake_tsm *t, struct lab_world *w)
{
    const struct lab_platform machine = lab_platform_honest(0);
    *t = (struct fake_tsm){
        .files = {t, make_dir, remove_dir, write_file, read_file, list, report},
        .world = w,
        .quote = lab_quote_tdx(w, &machine, 4, LAB_BODY_TD10),
        .provider = "tdx_guest",
        .has_device = true,
    };
}

void fake_tsm_snp(struct fake_tsm *t, const struct lab_snp_guest *guest)
{
    t->snp = guest;
    t->provider = "sev_guest";
    t->has_device = false;
}
