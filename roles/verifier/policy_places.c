/* Empty places; see policy_places.h. */
#include "verifier/policy_places.h"

#include "frame/out.h"
#include "frame/place.h"
#include "model/policy.h"

#include <string.h>

static const struct {
    const char *end, *sentence;
} ends[] = {
    {".by", "who states it"},
    {".name", "how reports call the image"},
    {".mrtd", "MRTD of an honest boot, 96 hex digits: \"situs show QUOTE\""},
    {".covers", "what the launch measures beside firmware: kernel-hashes, igvm, uki"},
    {".rtmr[0]", "RTMR0 of that boot: firmware's configuration"},
    {".rtmr[1]", "RTMR1 of that boot: boot loader and kernel"},
    {".rtmr[2]", "RTMR2 of that boot: command line and initrd"},
    {".rtmr[3]", "RTMR3 of that boot: zeros, where nothing uses it"},
    {".boot", "the events of that boot by PCR: \"situs policy new --from\" writes them"},
    {".events", "the events of the host's launch: \"situs policy new --from\" writes them"},
    {".from", "from when the image is vouched for, YYYY-MM-DDThh:mm:ssZ"},
    {".to", "until when, YYYY-MM-DDThh:mm:ssZ"},
    {".agent_co_locates", "true: its agent speaks only for TD quotes made on its machine"},
    {".banks", "every bank that the provider's vTPMs can have, as [\"sha256\", \"sha384\"]"},
    {".firmware_first", "true: no instance has a vTPM that its firmware did not extend first"},
    {".all_banks_extended", "true: firmware extends or caps each of these banks"},
};

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}

/* The sentence of a parameter whose whole value is empty, as "poe.owner.allow"; NULL: none. */
static const char *of_param(const char *path)
{
    for (enum param p = 0; p < PARAM_COUNT; p++) {
        const char *id = check_row(param_row(p)->check)->id;
        size_t n = strlen(id);
        if (strncmp(path, id, n) == 0 && path[n] == '.' &&
            strcmp(path + n + 1, param_row(p)->key) == 0)
            return param_row(p)->sentence;
    }
    return NULL;
}

static const char *sentence(const char *path)
{
    const char *last = strrchr(path, '.'), *param = of_param(path);
    for (unsigned i = 0; last && i < CLOSED_POINTS; i++)
        if (strcmp(last + 1, closed_key((enum closed_point)i)) == 0)
            return closed_sentence((enum closed_point)i);
    for (size_t i = 0; !param && i < sizeof ends / sizeof *ends; i++)
        if (ends_with(path, ends[i].end))
            return ends[i].sentence;
    return param ? param : "situs-policy(5)";
}

struct search {
    struct span text;
    size_t n;
    bool measured;      /* the last RTMR0 that was seen */
    struct json_out *o; /* NULL: they are said */
};

static bool see(void *own, const struct place_value *v)
{
    struct search *s = own;
    bool null = span_equal(v->bytes, SPAN_LIT("null"));
    if (ends_with(v->path, ".rtmr[0]"))
        s->measured = !null;
    if (!null || (s->measured && ends_with(v->path, ".rtmr[1]")))
        return true;
    size_t line = place_at(s->text, v->at).line;
    if (s->o) {
        json_out_object(s->o);
        json_out_pair_num(s->o, "line", (int64_t)line);
        json_out_pair_string(s->o, "path", v->path);
        json_out_pair_string(s->o, "what", sentence(v->path));
        json_out_close(s->o);
        return true;
    }
    if (s->n++ == 0)
        out_note("empty places (null), for a person to fill:");
    out_note("  line %zu: %s: %s", line, v->path, sentence(v->path));
    return true;
}

size_t policy_places_say(struct span text)
{
    struct search s = {.text = text};
    place_values(text, see, &s);
    return s.n;
}

void policy_places_json(struct span text, struct json_out *o)
{
    struct search s = {.text = text, .o = o};
    json_out_array(o);
    place_values(text, see, &s);
    json_out_close(o);
}
