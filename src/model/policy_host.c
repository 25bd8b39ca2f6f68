/* Host references of a policy; see policy_host.h. */
#include "model/policy_host.h"

#include "base/text.h"

/* PCRs of a measured launch (PC Client Platform TPM Profile 1.05, 4.6); every launch fills two. */
#define LAUNCH_FIRST 17
#define LAUNCH_LAST 22
#define LAUNCH_ALWAYS (1u << 17 | 1u << 18)

static bool read_text(const struct json *object, const char *key, struct span *out, struct arena *a,
                      struct situs_err *err)
{
    struct json v;
    return json_get(object, key, &v, err) && json_keep_text(&v, out, a, err);
}

static bool read_time(const struct json *object, const char *key, int64_t *out,
                      struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &text, err))
        return false;
    return time_read_rfc3339(out, text) ||
           json_fail(&v, SITUS_MALFORMED, "YYYY-MM-DDThh:mm:ssZ", TEXT_CUT(text), err);
}

static bool read_window(const struct json *object, struct window *valid, struct situs_err *err)
{
    if (!read_time(object, "from", &valid->from, err) || !read_time(object, "to", &valid->to, err))
        return false;
    if (valid->from < valid->to)
        return true;
    struct json to;
    return json_get(object, "to", &to, err) &&
           json_fail(&to, SITUS_MALFORMED, "a time after from", TEXT_TIME(valid->to), err);
}

static bool read_bank(const struct json *object, enum hash *bank, struct situs_err *err)
{
    struct json v;
    struct span name;
    if (!json_get(object, "bank", &v, err) || !json_as_text(&v, &name, err))
        return false;
    *bank = hash_by_name(name);
    if (*bank == HASH_SHA256 || *bank == HASH_SHA384 || *bank == HASH_SHA512)
        return true;
    return json_fail(&v, SITUS_NOT_ALLOWED, "sha256, sha384 or sha512", TEXT_CUT(name), err);
}

static bool read_registers(const struct json *object, uint32_t *mask, struct situs_err *err)
{
    struct json list;
    int64_t n;
    *mask = 0;
    if (!json_get_array(object, "registers", &list, err))
        return false;
    for (size_t i = 0; i < json_count(&list); i++) {
        struct json v = json_element(&list, i);
        if (!json_as_num(&v, LAUNCH_FIRST, LAUNCH_LAST, &n, err))
            return false;
        if (*mask >> n & 1)
            return json_fail(&v, SITUS_DUPLICATE, "each register once", TEXT_NUM(n), err);
        *mask |= 1u << n;
    }
    return (*mask & LAUNCH_ALWAYS) == LAUNCH_ALWAYS ||
           json_fail(&list, SITUS_NOT_ALLOWED, "17 and 18 among them", "one of them is missing",
                     err);
}

static bool read_event(const struct json *v, const struct host_reference *r, struct host_event *e,
                       struct situs_err *err)
{
    int64_t pcr;
    struct json at;
    struct span type;
    if (!JSON_KNOWN(v, err, "pcr", "digest", "type") ||
        !json_get_num(v, "pcr", LAUNCH_FIRST, LAUNCH_LAST, &pcr, err) ||
        !json_get_hex(v, "digest", e->digest, hash_size(r->bank), err))
        return false;
    e->pcr = (uint32_t)pcr;
    if (!(r->registers >> pcr & 1))
        return json_fail(v, SITUS_MALFORMED, "an event of the reference's registers", TEXT_NUM(pcr),
                         err);
    if (!json_has(v, "type"))
        return true;
    if (!json_get(v, "type", &at, err) || !json_as_text(&at, &type, err))
        return false;
    e->typed = event_type_find(type, &e->type);
    return e->typed ||
           json_fail(&at, SITUS_UNKNOWN, "the name of an event type", TEXT_CUT(type), err);
}

/* Extends the events from the zeros that a launch leaves (PTP 1.05, 4.6). */
static bool replay(struct host_reference *r, const struct json *list, struct situs_err *err)
{
    uint32_t seen = 0;
    size_t size = hash_size(r->bank);
    for (size_t i = 0; i < r->n; i++) {
        const struct host_event *e = &r->events[i];
        if (!digest2(r->bank, span_of(r->value[e->pcr], size), span_of(e->digest, size),
                     r->value[e->pcr]))
            return json_fail(list, SITUS_INTERNAL, "a hash", "none", err);
        seen |= 1u << e->pcr;
    }
    return seen == r->registers ||
           json_fail(list, SITUS_NOT_MEASURED, "an event of every register", "none of some", err);
}

static bool read_events(const struct json *object, struct host_reference *r, struct arena *a,
                        struct situs_err *err)
{
    struct json list;
    if (!json_get_array(object, "events", &list, err))
        return false;
    r->n = json_count(&list);
    if (r->n > LIMIT_LOG_EVENTS)
        return json_fail(&list, SITUS_TOO_LONG, TEXT_NUM(LIMIT_LOG_EVENTS), TEXT_NUM(r->n), err);
    struct host_event *v = ARENA_ARRAY(a, r->n, struct host_event);
    if (!v)
        return json_no_memory(&list, err);
    r->events = v;
    for (size_t i = 0; i < r->n; i++) {
        struct json event = json_element(&list, i);
        if (!read_event(&event, r, &v[i], err))
            return false;
        if (i == 0 && v[i].pcr != LAUNCH_FIRST)
            return json_fail(&event, SITUS_MALFORMED, "PCR 17, by which a launch begins",
                             TEXT_NUM(v[i].pcr), err);
    }
    return replay(r, &list, err);
}

static bool read_host(const struct json *object, struct host_reference *r, struct arena *a,
                      struct situs_err *err)
{
    return JSON_KNOWN(object, err, "name", "closed", "closed_by", "from", "to", "agent_co_locates",
                      "bank", "registers", "events") &&
           read_text(object, "name", &r->name, a, err) && closed_read(object, &r->closed, a, err) &&
           read_window(object, &r->valid, err) &&
           json_get_bool(object, "agent_co_locates", &r->co_locates, err) &&
           read_bank(object, &r->bank, err) && read_registers(object, &r->registers, err) &&
           read_events(object, r, a, err);
}

bool policy_host_read(const struct json *list, struct param_value *out, struct arena *a,
                      struct situs_err *err)
{
    struct host_reference *v = ARENA_ARRAY(a, json_count(list), struct host_reference);
    if (!v)
        return json_no_memory(list, err);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json object = json_element(list, i);
        if (!read_host(&object, &v[i], a, err))
            return false;
        for (size_t j = 0; j < i; j++)
            if (span_equal(v[j].name, v[i].name))
                return json_fail(&object, SITUS_DUPLICATE, "each name once", TEXT_CUT(v[i].name),
                                 err);
    }
    out->hosts = v;
    return true;
}
