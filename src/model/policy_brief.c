/* What a policy demands, on one screen; see policy.h. */
#include "base/text.h"
#include "model/policy.h"

#define COLUMNS 79
#define IMAGES 3 /* lines for guest images, and for host images */

/* Lines that are counted, and cut to the screen. */
struct screen {
    struct wr *w;
    size_t room;
};

static void put(struct screen *s, const char *text)
{
    size_t n = strlen(text);
    if (s->room == 0)
        return;
    s->room--;
    wr_bytes(s->w, span_of(text, n <= COLUMNS ? n : COLUMNS - 3));
    wr_text(s->w, n <= COLUMNS ? "\n" : "...\n");
}

#define PUT(s, ...)                           \
    do {                                      \
        char text_[512] = "";                 \
        struct wr line_ = wr_new(text_, 511); \
        wr_format(&line_, __VA_ARGS__);       \
        put((s), text_);                      \
    } while (0)

static void put_proofs(struct screen *s, const struct policy *p)
{
#define PROOF(bit, name, live, contains, sentence) \
    if (p->require & PROOF_##bit)                  \
        PUT(s, "  %-13s %s", name, sentence);
#define RESTS(bit, text, role, who, brief)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
}

static void put_image(struct screen *s, struct span name, const struct closed *c)
{
    unsigned n = 0;
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        n += c->stated >> i & 1;
    if (n == CLOSED_POINTS)
        PUT(s, "  %-13.60s closed, all %u points, by the word of %s", TEXT_CUT(name), n,
            TEXT_CUT(c->by));
    else
        PUT(s, "  %-13.60s NOT closed: %s states %u of %u points", TEXT_CUT(name), TEXT_CUT(c->by),
            n, (unsigned)CLOSED_POINTS);
}

static void put_images(struct screen *s, const struct policy *p)
{
    const struct param_value *guests = &p->v[PARAM_REF_GUEST_IMAGES];
    const struct param_value *hosts = &p->v[PARAM_HOST_IMAGE_IMAGES];
    if (guests->n)
        PUT(s, "guest images:");
    for (size_t i = 0; i < guests->n && i < IMAGES; i++)
        put_image(s, guests->references[i].name, &guests->references[i].closed);
    if (guests->n > IMAGES)
        PUT(s, "  and %zu more", guests->n - IMAGES);
    if (hosts->n)
        PUT(s, "host images:");
    for (size_t i = 0; i < hosts->n && i < IMAGES; i++)
        put_image(s, hosts->hosts[i].name, &hosts->hosts[i].closed);
    if (hosts->n > IMAGES)
        PUT(s, "  and %zu more", hosts->n - IMAGES);
}

static bool is_own_word(const struct policy *p, enum param id)
{
    enum param_type type = param_row(id)->type;
    return p->stated[id] && type != PARAM_IS_REFERENCES && type != PARAM_IS_HOSTS;
}

static void put_param(struct screen *s, const struct policy *p, enum param id)
{
    char text[512] = "";
    struct wr w = wr_new(text, sizeof text - 1);
    wr_format(&w, "  %s %s: ", check_row(param_row(id)->check)->id, param_row(id)->key);
    policy_explain_value(p, id, &w);
    put(s, text);
}

/* The policy's own words, while a line is left for how many are not shown. */
static void put_params(struct screen *s, const struct policy *p)
{
    size_t n = 0;
    for (enum param id = 0; id < PARAM_COUNT; id++)
        n += is_own_word(p, id);
    if (n && s->room > 1)
        PUT(s, "and says:");
    for (enum param id = 0; n && id < PARAM_COUNT; id++) {
        if (!is_own_word(p, id))
            continue;
        if (s->room == 1 && n > 1)
            break;
        put_param(s, p, id);
        n--;
    }
    if (n)
        PUT(s, "  and %zu more", n);
}

void policy_explain_brief(const struct policy *p, size_t lines, struct wr *w)
{
    struct screen s = {w, lines};
    PUT(&s, "policy %.70s", p->name);
    PUT(&s, "requires%s%s:",
        p->scenario == SCENARIO_MANAGED      ? ", in a managed cloud"
        : p->scenario == SCENARIO_BARE_METAL ? ", on bare metal"
                                             : "",
        p->simulated ? " (anchors of a lab count: SIMULATED)" : "");
    put_proofs(&s, p);
    put_images(&s, p);
    put_params(&s, p);
}
