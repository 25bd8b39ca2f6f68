/* TCB info, version 3 (Intel PCS API version 4, Get TCB Info): which SVNs of a platform family
 * are good enough, as of an evaluation of known advisories. */
#include "base/time.h"
#include "lab/intel/lab_json.h"

/* What the components are called in Intel's TCB infos of this family: category, type. */
static const char *const sgx_names[16][2] = {
    {"BIOS", "Early Microcode Update"},
    {"OS/VMM", "SGX Late Microcode Update"},
    {"OS/VMM", "TXT SINIT"},
    {"BIOS", NULL},
    {"BIOS", NULL},
    {"BIOS", NULL},
    {NULL, NULL},
    {"OS/VMM", "SEAMLDR ACM"},
};
static const char *const tdx_names[16][2] = {
    {"OS/VMM", "TDX Module"},
    {"OS/VMM", "TDX Module"},
    {"OS/VMM", "TDX Late Microcode Update"},
};

static const struct lab_tcb_levels honest_levels = {
    .v = {{.sgx = {8, 8, 2, 2, 4, 1, 0, 6},
           .tdx = {5, 0, 8},
           .pcesvn = 13,
           .date = "2025-05-14T00:00:00Z",
           .status = "UpToDate"},
          {.sgx = {7, 7, 2, 2, 3, 1, 0, 5},
           .tdx = {5, 0, 7},
           .pcesvn = 13,
           .date = "2024-03-13T00:00:00Z",
           .status = "OutOfDate",
           .advisories = {"INTEL-SA-01036", "INTEL-SA-01079", "INTEL-SA-01099"}},
          {.sgx = {6, 6, 2, 2, 3, 1, 0, 3},
           .tdx = {3, 0, 6},
           .pcesvn = 11,
           .date = "2023-08-09T00:00:00Z",
           .status = "OutOfDate",
           .advisories = {"INTEL-SA-00960", "INTEL-SA-01036", "INTEL-SA-01079", "INTEL-SA-01099"}}},
    .n = 3,
};

/* The TDX modules of version 1 and 3; isvsvn is compared with tee_tcb_svn[0]. */
static const struct lab_tdx_module honest_modules[2] = {
    {.id = "TDX_03",
     .attributes_mask = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
     .levels = {.v = {{.isvsvn = 3, .date = "2025-05-14T00:00:00Z", .status = "UpToDate"}},
                .n = 1}},
    {.id = "TDX_01",
     .attributes_mask = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
     .levels = {.v = {{.isvsvn = 6, .date = "2025-05-14T00:00:00Z", .status = "UpToDate"},
                      {.isvsvn = 4,
                       .date = "2024-03-13T00:00:00Z",
                       .status = "OutOfDate",
                       .advisories = {"INTEL-SA-01036", "INTEL-SA-01099"}}},
                .n = 2}},
};

struct lab_tcb_info lab_tcb_info_honest(struct lab_world *w, const struct lab_platform *p, bool tdx)
{
    struct lab_tcb_info t = {
        .id = tdx ? "TDX" : "SGX",
        .version = 3,
        .issue_date = lab_world_at(w) - LAB_DAY,
        .next_update = lab_world_at(w) + 30 * LAB_DAY,
        .evaluation_number = 19,
        .module = honest_modules[0],
        .modules = {honest_modules[0], honest_modules[1]},
        .n_modules = 2,
        .levels = honest_levels,
        .components = 16,
        .signing_key = LAB_KEY_TCB_SIGNING,
    };
    memcpy(t.fmspc, p->fmspc, sizeof t.fmspc);
    memcpy(t.pceid, p->pceid, sizeof t.pceid);
    return t;
}

/* "sgxtcbcomponents":[{"svn":8,"category":"BIOS","type":"Early Microcode Update"},{"svn":0}...] */
static void components(struct lab_buf *b, const char *key, const uint8_t svn[16],
                       const char *const names[16][2], size_t n)
{
    lab_buf_format(b, "\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        lab_buf_format(b, "%s{\"svn\":%u", i ? "," : "", svn[i % 16]);
        if (names[i % 16][0] != NULL)
            lab_buf_format(b, ",\"category\":\"%s\"", names[i % 16][0]);
        if (names[i % 16][1] != NULL)
            lab_buf_format(b, ",\"type\":\"%s\"", names[i % 16][1]);
        lab_buf_text(b, "}");
    }
    lab_buf_text(b, "]");
}

static void platform_levels(struct lab_buf *b, const struct lab_tcb_info *t, bool tdx)
{
    lab_buf_text(b, ",\"tcbLevels\":[");
    for (size_t i = 0; i < t->levels.n; i++) {
        const struct lab_tcb_level *level = &t->levels.v[i];
        lab_buf_text(b, i ? ",{\"tcb\":{" : "{\"tcb\":{");
        components(b, "sgxtcbcomponents", level->sgx, sgx_names, t->components);
        lab_buf_format(b, ",\"pcesvn\":%u", level->pcesvn);
        if (tdx) {
            lab_buf_text(b, ",");
            components(b, "tdxtcbcomponents", level->tdx, tdx_names, t->components);
        }
        lab_buf_text(b, "}");
        lab_json_status(b, level);
    }
    lab_buf_text(b, "]");
}

/* The identity of a TDX module: who signed it, with which attributes. */
static void module_identity(struct lab_buf *b, const struct lab_tdx_module *m)
{
    lab_json_hex(b, "mrsigner", SPAN_ARR(m->mrsigner));
    lab_buf_text(b, ",");
    lab_json_hex(b, "attributes", SPAN_ARR(m->attributes));
    lab_buf_text(b, ",");
    lab_json_hex(b, "attributesMask", SPAN_ARR(m->attributes_mask));
}

static void modules(struct lab_buf *b, const struct lab_tcb_info *t)
{
    lab_buf_text(b, ",\"tdxModule\":{");
    module_identity(b, &t->module);
    lab_buf_text(b, "},\"tdxModuleIdentities\":[");
    for (size_t i = 0; i < t->n_modules; i++) {
        lab_buf_format(b, "%s{\"id\":\"%s\",", i ? "," : "", t->modules[i].id);
        module_identity(b, &t->modules[i]);
        lab_json_levels(b, &t->modules[i].levels);
        lab_buf_text(b, "}");
    }
    lab_buf_text(b, "]");
}

struct lab_signed lab_tcb_info_make(struct lab_world *w, const struct lab_tcb_info *t)
{
    struct lab_buf b = {0};
    bool tdx = strcmp(t->id, "TDX") == 0;
    lab_buf_format(&b, "{\"id\":\"%s\",\"version\":%d,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",",
                   t->id, t->version, TEXT_TIME(t->issue_date), TEXT_TIME(t->next_update));
    lab_json_hex(&b, "fmspc", SPAN_ARR(t->fmspc));
    lab_buf_text(&b, ",");
    lab_json_hex(&b, "pceId", SPAN_ARR(t->pceid));
    lab_buf_format(&b, ",\"tcbType\":%d,\"tcbEvaluationDataNumber\":%d", t->tcb_type,
                   t->evaluation_number);
    if (tdx)
        modules(&b, t);
    platform_levels(&b, t, tdx);
    lab_buf_text(&b, "}");
    return lab_json_signed(w, &b, "tcbInfo", t->signing_key, t->before, t->after);
}
