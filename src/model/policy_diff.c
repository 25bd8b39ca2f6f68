/* Which of two policies demands what; see policy_diff.h. */
#include "model/policy_diff.h"

#include "base/text.h"

/* Which value of a parameter demands more. */
enum direction {
    NEITHER,
    LESS,      /* the smaller number; a flag that is off; the list that has fewer, absent: none */
    LESS_ANY,  /* the list that has fewer; absent: not asked, anything goes */
    LESS_NONE, /* the smaller number; absent: none, which is the least */
    MORE,      /* the larger number; a flag that is on; the list that has more */
};

struct diff {
    const struct policy *p[2]; /* a, b */
    enum policy_diff kind;
    size_t n;
    struct wr *w;
};

static enum direction direction(enum param id)
{
    switch (id) {
    case PARAM_TDX_TCB_GRACE:
    case PARAM_SGX_TCB_GRACE:
        return LESS_NONE;
    case PARAM_TDX_TCB_ADVISORIES:
    case PARAM_SGX_TCB_ADVISORIES:
    case PARAM_TDX_MRSEAM:
    case PARAM_TDX_MRCONFIGID:
    case PARAM_TDX_MROWNER:
    case PARAM_TDX_MROWNERCONFIG:
    case PARAM_SNP_CSP:
    case PARAM_SNP_MINIMUM:
    case PARAM_SNP_ID_KEYS:
    case PARAM_SNP_AUTHOR_KEYS:
    case PARAM_REF_GUEST_IMAGES:
    case PARAM_HOST_IMAGE_IMAGES:
    case PARAM_AK_PROVIDERS:
    case PARAM_AK_ALLOW:
    case PARAM_AK_PROJECTS:
    case PARAM_AK_ZONES:
    case PARAM_AK_COUNTRIES:
    case PARAM_LIST_COUNTRIES:
    case PARAM_POE_OWNER_ALLOW:
    case PARAM_LIST_ALLOW:
    case PARAM_LIST_FACILITIES:
        return LESS_ANY;
    case PARAM_TDX_TCB_MIN_EVALUATION:
    case PARAM_SGX_TCB_MIN_EVALUATION:
    case PARAM_REVOCATION_MIN_NUMBER:
    case PARAM_LIST_MIN_NUMBER:
    case PARAM_TDX_SEPT_VE:
    case PARAM_SNP_REQUIRE_CRL:
    case PARAM_SNP_REQUIRE_COMMITTED:
    case PARAM_SNP_SINGLE_SOCKET:
    case PARAM_SNP_ABI_MAJOR:
    case PARAM_SNP_ABI_MINOR:
    case PARAM_SNP_GUEST_SVN:
    case PARAM_AK_PRODUCTION:
    case PARAM_AK_CRL:
    case PARAM_POE_REQUIRE_CRL:
    case PARAM_LIST_REQUIRE_CRL:
    case PARAM_BIND_MRCONFIGID:
    case PARAM_REVOCATION_DENY:
    case PARAM_LOG_RTMR_SET:
    case PARAM_LOG_PCR_SET:
        return MORE;
    case PARAM_TPM_PCRS_BANK:
    case PARAM_TPM_PCRS_SET:
    case PARAM_AK_SEALED_FORM:
    case PARAM_POE_REVOKED_SOURCE:
        return NEITHER;
    default:
        return LESS;
    }
}

/* Begins a line; false: it is not this kind's turn. */
static bool line(struct diff *d, enum policy_diff kind)
{
    d->n += kind == d->kind;
    return kind == d->kind;
}

static void put_key(struct diff *d, enum param id)
{
    wr_format(d->w, "%s %s: ", check_row(param_row(id)->check)->id, param_row(id)->key);
}

/* The side that demands more: 1, b, or 0, a. */
static enum policy_diff only(bool b)
{
    return b ? POLICY_ONLY_SECOND : POLICY_ONLY_FIRST;
}

static void diff_scalar(struct diff *d, enum param id)
{
    const struct param_value *v[2] = {&d->p[0]->v[id], &d->p[1]->v[id]};
    bool is_flag = param_row(id)->type == PARAM_IS_FLAG;
    bool more = direction(id) == MORE, absent = direction(id) == LESS_NONE;
    int64_t n[2];
    for (int i = 0; i < 2; i++)
        n[i] = is_flag ? v[i]->flag : v[i]->num;
    if (v[0]->given == v[1]->given && n[0] == n[1])
        return;
    bool second = v[0]->given != v[1]->given ? v[1]->given != absent
                  : more                     ? n[1] > n[0]
                                             : n[1] < n[0];
    if (!line(d, only(second)))
        return;
    put_key(d, id);
    if (is_flag)
        wr_text(d->w, n[second] ? "true\n" : "false\n");
    else if (!v[second]->given)
        wr_format(d->w, "not given (the other: %s)\n", TEXT_NUM(n[!second]));
    else if (!v[!second]->given)
        wr_format(d->w, "%s (the other: not given)\n", TEXT_NUM(n[second]));
    else {
        wr_format(d->w, "%s ", TEXT_NUM(n[second]));
        wr_format(d->w, "(the other: %s)\n", TEXT_NUM(n[!second]));
    }
}

/* The text of element i of a list, and whether a list has it. */
static const char *element(const struct param_value *v, enum param_type type, size_t i,
                           char text[100])
{
    if (type == PARAM_IS_NUMS)
        return text_num(text, v->nums[i]);
    return text_cut(text, 100,
                    type == PARAM_IS_WORDS        ? v->words[i]
                    : type == PARAM_IS_REFERENCES ? v->references[i].name
                                                  : v->hosts[i].name);
}

/* Whole words are compared, not what of them is printed. */
static bool has(const struct param_value *v, enum param_type type, const struct param_value *of,
                size_t i)
{
    for (size_t k = 0; k < v->n; k++)
        if (type == PARAM_IS_NUMS    ? v->nums[k] == of->nums[i]
            : type == PARAM_IS_WORDS ? span_equal(v->words[k], of->words[i])
            : type == PARAM_IS_REFERENCES
                ? span_equal(v->references[k].name, of->references[i].name)
                : span_equal(v->hosts[k].name, of->hosts[i].name))
            return true;
    return false;
}

static void put_list(struct diff *d, const struct param_value *v, enum param_type type)
{
    for (size_t i = 0; i < v->n; i++)
        wr_format(d->w, "%s%s", i ? ", " : "", element(v, type, i, (char[100]){0}));
    wr_text(d->w, v->n ? "\n" : "none\n");
}

static void diff_list(struct diff *d, enum param id)
{
    const struct param_value *v[2] = {&d->p[0]->v[id], &d->p[1]->v[id]};
    enum param_type type = param_row(id)->type;
    enum direction more = direction(id);
    if (more == LESS_ANY && v[0]->given != v[1]->given) {
        if (line(d, only(v[1]->given))) {
            put_key(d, id);
            put_list(d, v[v[1]->given], type);
        }
        return;
    }
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < v[side]->n; i++) {
            bool mine = more == MORE; /* what has it demands it; else the other does without it */
            if (has(v[!side], type, v[side], i) ||
                !line(d, more == NEITHER ? POLICY_DIFFERS : only(mine ? side : !side)))
                continue;
            put_key(d, id);
            wr_text(d->w, more == NEITHER ? (side ? "the second: " : "the first: ")
                          : mine          ? ""
                                          : "not ");
            wr_format(d->w, "%s\n", element(v[side], type, i, (char[100]){0}));
        }
}

static bool same_closed(const struct closed *a, const struct closed *b)
{
    return span_equal(a->by, b->by) && a->stated == b->stated;
}

static bool same_boot(const struct reference *a, const struct reference *b)
{
    bool same = a->has_boot == b->has_boot && a->n_pcr7 == b->n_pcr7 &&
                a->gpt_open == b->gpt_open && memcmp(a->gpt, b->gpt, sizeof a->gpt) == 0;
    same = same && (a->n_pcr7 == 0 || memcmp(a->pcr7, b->pcr7, 48 * a->n_pcr7) == 0);
    for (uint32_t pcr = 0; same && pcr <= BOOT_LAST; pcr++) {
        const struct boot_list *l = &a->boot[pcr], *m = &b->boot[pcr];
        same = l->n == m->n && l->n_tail == m->n_tail;
        for (size_t i = 0; same && i < l->n; i++)
            same = memcmp(l->v[i].digest, m->v[i].digest, 48) == 0 &&
                   l->v[i].tpm_only == m->v[i].tpm_only;
        for (size_t i = 0; same && i < l->n_tail; i++)
            same = span_equal(l->tail[i], m->tail[i]);
    }
    return same;
}

static bool same_digests(const void *a, size_t n, const void *b, size_t m, size_t size)
{
    return n == m && (n == 0 || memcmp(a, b, n * size) == 0);
}

static bool same_paravisor(const struct pcr_image *a, const struct pcr_image *b)
{
    const struct paravisor_pins *p = &a->paravisor, *q = &b->paravisor;
    return same_digests(p->launch, p->n, q->launch, q->n, 48) && p->by_id == q->by_id &&
           memcmp(p->id_key, q->id_key, sizeof p->id_key) == 0 &&
           memcmp(p->image_id, q->image_id, sizeof p->image_id) == 0 && p->min_svn == q->min_svn;
}

static bool same_pcrs(const struct pcr_image *a, const struct pcr_image *b)
{
    bool same = true;
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        same &= same_digests(a->pcr[i].v, a->pcr[i].n, b->pcr[i].v, b->pcr[i].n, 32);
    return same;
}

static void differs(struct diff *d, const char *check, struct span name, const char *what,
                    bool same)
{
    if (!same && line(d, POLICY_DIFFERS))
        wr_format(d->w, "%s images %s: %s\n", check, TEXT_CUT(name), what);
}

static void diff_image(struct diff *d, const struct reference *a, const struct reference *b)
{
    static const char *const names[] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
    const char *check = check_row(CHECK_REF_GUEST)->id;
    differs(d, check, a->name, a->tee == KIND_SNP ? "measurement" : "mrtd",
            a->tee == b->tee && memcmp(a->mrtd, b->mrtd, 48) == 0);
    differs(d, check, a->name, "vmpl", a->vmpl == b->vmpl);
    for (int i = 0; i < 4; i++)
        differs(d, check, a->name, names[i],
                memcmp(a->rtmr[i], b->rtmr[i], 48) == 0 &&
                    (i != 1 || a->rtmr1_listed == b->rtmr1_listed));
    differs(d, check, a->name, "who states which points of closed",
            same_closed(&a->closed, &b->closed));
    bool both = a->pcrs && b->pcrs, none = !a->pcrs && !b->pcrs;
    differs(d, check, a->name, "paravisor", none || (both && same_paravisor(a->pcrs, b->pcrs)));
    differs(d, check, a->name, "pcrs", none || (both && same_pcrs(a->pcrs, b->pcrs)));
    differs(d, check, a->name, "firmware profile", a->profile == b->profile);
    differs(d, check, a->name, "the events of the boot", same_boot(a, b));
}

static bool same_events(const struct host_reference *a, const struct host_reference *b)
{
    bool same = a->bank == b->bank && a->registers == b->registers && a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->events[i].pcr == b->events[i].pcr && a->events[i].typed == b->events[i].typed &&
               a->events[i].type == b->events[i].type &&
               memcmp(a->events[i].digest, b->events[i].digest, HASH_MAX_SIZE) == 0;
    return same;
}

static void diff_host(struct diff *d, const struct host_reference *a,
                      const struct host_reference *b)
{
    const char *check = check_row(CHECK_HOST_IMAGE)->id;
    differs(d, check, a->name, "from, to",
            a->valid.from == b->valid.from && a->valid.to == b->valid.to);
    differs(d, check, a->name, "agent_co_locates", a->co_locates == b->co_locates);
    differs(d, check, a->name, "who states which points of closed",
            same_closed(&a->closed, &b->closed));
    differs(d, check, a->name, "the events of the launch", same_events(a, b));
}

/* Images of one name. */
static void diff_images(struct diff *d, enum param id)
{
    const struct param_value *a = &d->p[0]->v[id], *b = &d->p[1]->v[id];
    bool guest = param_row(id)->type == PARAM_IS_REFERENCES;
    diff_list(d, id);
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (guest && span_equal(a->references[i].name, b->references[k].name))
                diff_image(d, &a->references[i], &b->references[k]);
            else if (!guest && span_equal(a->hosts[i].name, b->hosts[k].name))
                diff_host(d, &a->hosts[i], &b->hosts[k]);
}

static void diff_platform(struct diff *d, enum param id)
{
    const struct platform_statement *a = d->p[0]->v[id].platform, *b = d->p[1]->v[id].platform;
    bool same = a == b || (a && b && span_equal(a->by, b->by) && a->banks == b->banks &&
                           a->firmware_first == b->firmware_first &&
                           a->all_banks_extended == b->all_banks_extended);
    if (!same && line(d, !a ? POLICY_ONLY_SECOND : !b ? POLICY_ONLY_FIRST : POLICY_DIFFERS)) {
        put_key(d, id);
        wr_text(d->w, a && b ? "who states what\n" : "a statement\n");
    }
}

static void diff_hex(struct diff *d, enum param id)
{
    const struct param_value *a = &d->p[0]->v[id], *b = &d->p[1]->v[id];
    if (a->given == b->given && span_equal(a->hex, b->hex))
        return;
    if (line(d, !a->given ? POLICY_ONLY_SECOND : !b->given ? POLICY_ONLY_FIRST : POLICY_DIFFERS)) {
        put_key(d, id);
        wr_hex(d->w, a->given ? a->hex : b->hex);
        if (a->given && b->given) {
            wr_text(d->w, " and ");
            wr_hex(d->w, b->hex);
        }
        wr_text(d->w, "\n");
    }
}

static void diff_head(struct diff *d)
{
    static const char *const scenarios[] = {"none", "managed", "bare-metal"};
    const struct policy *a = d->p[0], *b = d->p[1];
    unsigned left = policy_asks(a), right = policy_asks(b);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if ((left ^ right) & proof && line(d, only(right & proof)))
            wr_format(d->w, "proof %s\n", proof_name(proof));
    if (a->scenario != b->scenario && line(d, POLICY_DIFFERS))
        wr_format(d->w, "scenario: %s and %s\n", scenarios[a->scenario], scenarios[b->scenario]);
    for (unsigned tee = KIND_ANY; tee_row((enum check_kind)(tee + 1)); tee++) {
        enum check_kind kind = (enum check_kind)(tee + 1);
        bool takes = policy_takes_tee(a, kind);
        if (takes != policy_takes_tee(b, kind) && line(d, only(takes)))
            wr_format(d->w, "tee: not %s\n", tee_row(kind)->name);
    }
    if (a->simulated != b->simulated && line(d, only(a->simulated)))
        wr_text(d->w, "simulated: not anchors of a lab\n");
}

static void diff_param(struct diff *d, enum param id)
{
    switch (param_row(id)->type) {
    case PARAM_IS_FLAG:
    case PARAM_IS_NUM:
        diff_scalar(d, id);
        break;
    case PARAM_IS_NUMS:
    case PARAM_IS_WORDS:
        diff_list(d, id);
        break;
    case PARAM_IS_HEX:
        diff_hex(d, id);
        break;
    case PARAM_IS_REFERENCES:
    case PARAM_IS_HOSTS:
        diff_images(d, id);
        break;
    case PARAM_IS_PLATFORM:
        diff_platform(d, id);
        break;
    }
}

size_t policy_diff(const struct policy *a, const struct policy *b, enum policy_diff kind,
                   struct wr *w)
{
    struct diff d = {.p = {a, b}, .kind = kind, .w = w};
    diff_head(&d);
    for (enum param id = 0; id < PARAM_COUNT; id++)
        diff_param(&d, id);
    return d.n;
}
