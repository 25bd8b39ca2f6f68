/* configfs-tsm without a kernel; see lab_tsm.h. */
#include "lab/tsm/lab_tsm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lab/platform/lab_qgs.h"

static const struct {
    const char *name;
    bool written, snp; /* of sev_guest alone */
} attributes[] = {
    {"inblob", true, false},    {"outblob", false, false}, {"generation", false, false},
    {"provider", false, false}, {"privlevel", true, true}, {"privlevel_floor", false, true},
    {"auxblob", false, true},
};

const char *lab_tsm_attribute(const struct lab_tsm *t, size_t i, bool *written)
{
    if (i >= sizeof attributes / sizeof *attributes || (attributes[i].snp && !t->snp.chip))
        return NULL;
    *written = attributes[i].written;
    return attributes[i].name;
}

struct lab_tsm lab_tsm_new(const struct lab_td *td, const char *qgs)
{
    struct lab_tsm t = {.td = *td};
    if (snprintf(t.qgs, sizeof t.qgs, "%s", qgs) >= (int)sizeof t.qgs)
        lab_die("%s: this path is too long for the lab", qgs);
    return t;
}

struct lab_tsm lab_tsm_snp(const struct lab_snp_guest *guest)
{
    return (struct lab_tsm){.snp = *guest};
}

struct lab_tsm_entry *lab_tsm_find(struct lab_tsm *t, const char *path, const char **attribute)
{
    const char *slash = strchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : strlen(path);
    *attribute = slash ? slash + 1 : NULL;
    for (size_t i = 0; n > 0 && i < LAB_TSM_ENTRIES; i++)
        if (strlen(t->entry[i].name) == n && memcmp(t->entry[i].name, path, n) == 0)
            return &t->entry[i];
    return NULL;
}

int lab_tsm_make(struct lab_tsm *t, const char *path)
{
    const char *attribute;
    size_t n = strlen(path);
    if (lab_tsm_find(t, path, &attribute))
        return -EEXIST;
    if (attribute)
        return -EPERM;
    if (n == 0 || n >= LAB_TSM_NAME)
        return -EINVAL;
    for (size_t i = 0; i < LAB_TSM_ENTRIES; i++)
        if (!t->entry[i].name[0]) {
            t->entry[i] = (struct lab_tsm_entry){.in_size = 0};
            memcpy(t->entry[i].name, path, n + 1);
            return 0;
        }
    return -ENOSPC;
}

int lab_tsm_remove(struct lab_tsm *t, const char *path)
{
    const char *attribute;
    struct lab_tsm_entry *e = lab_tsm_find(t, path, &attribute);
    if (!e)
        return -ENOENT;
    if (attribute)
        return -EPERM;
    *e = (struct lab_tsm_entry){.in_size = 0};
    return 0;
}

static int set_level(const struct lab_tsm *t, struct lab_tsm_entry *e, struct span text)
{
    if (!t->snp.chip)
        return -ENOENT;
    if (text.n != 1 || text.p[0] < '0' + t->floor || text.p[0] > '3')
        return -EINVAL;
    e->privlevel = text.p[0] - '0';
    e->generation++;
    return 0;
}

int lab_tsm_write(struct lab_tsm *t, const char *path, struct span bytes)
{
    const char *attribute;
    struct lab_tsm_entry *e = lab_tsm_find(t, path, &attribute);
    if (!e || !attribute)
        return -ENOENT;
    if (strcmp(attribute, "privlevel") == 0)
        return set_level(t, e, bytes);
    if (strcmp(attribute, "inblob") != 0)
        return -EACCES;
    if (bytes.n > sizeof e->in)
        return -EFBIG;
    if (bytes.n == 0)
        return -EINVAL;
    memset(e->in, 0, sizeof e->in);
    memcpy(e->in, bytes.p, bytes.n);
    e->in_size = bytes.n;
    e->generation++;
    return 0;
}

static struct span report_of(const struct lab_tsm *t, const struct lab_tsm_entry *e)
{
    struct lab_snp_guest asks = t->snp;
    uint8_t report[LAB_SNP_REPORT];
    struct lab_buf b = {0};
    if (e->privlevel < t->floor)
        return span_of(NULL, 0);
    asks.report[0x030] = (uint8_t)e->privlevel; /* VMPL */
    lab_snp_guest_report(&asks, e->in, report);
    lab_buf_bytes(&b, SPAN_ARR(report));
    return lab_world_keep(asks.chip->amd->w, &b);
}

static struct span quote_of(const struct lab_tsm *t, const struct lab_tsm_entry *e)
{
    uint8_t report[TDREPORT_SIZE];
    uint32_t code;
    lab_td_tdreport(&t->td, e->in, report);
    return lab_qgs_ask(t->td.cpu->w, t->qgs, report, &code);
}

/* The evidence for what inblob holds; asked once a generation. */
static int quote(const struct lab_tsm *t, struct lab_tsm_entry *e)
{
    if (e->in_size != sizeof e->in) /* tdx_guest and sev_guest take 64 bytes, no fewer */
        return -EINVAL;
    if (e->quoted == e->generation)
        return 0;
    e->out = t->snp.chip ? report_of(t, e) : quote_of(t, e);
    if (e->out.n == 0)
        return -EIO;
    e->quoted = e->generation;
    return 0;
}

ssize_t lab_tsm_read(struct lab_tsm *t, const char *path, uint8_t *out, size_t room)
{
    char number[32];
    const char *attribute;
    struct lab_tsm_entry *e = lab_tsm_find(t, path, &attribute);
    struct span value;
    if (!e || !attribute)
        return -ENOENT;
    bool table = t->snp.chip && strcmp(attribute, "auxblob") == 0;
    if (table || strcmp(attribute, "outblob") == 0) {
        int code = quote(t, e);
        if (code != 0)
            return code;
        value = table ? t->snp.table : e->out;
    } else if (strcmp(attribute, "generation") == 0) {
        snprintf(number, sizeof number, "%llu\n", (unsigned long long)e->generation);
        value = span_text(number);
    } else if (strcmp(attribute, "provider") == 0) {
        value = t->snp.chip ? SPAN_LIT("sev_guest\n") : SPAN_LIT("tdx_guest\n");
    } else if (t->snp.chip && strcmp(attribute, "privlevel_floor") == 0) {
        snprintf(number, sizeof number, "%u\n", t->floor);
        value = span_text(number);
    } else {
        return strcmp(attribute, "inblob") == 0 ? -EACCES : -ENOENT;
    }
    if (value.n > room)
        return -EFBIG;
    memcpy(out, value.p, value.n);
    return (ssize_t)value.n;
}
