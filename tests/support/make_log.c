/* Small event logs for tests; see make_log.h. */
#include "support/make_log.h"

#include "support/test.h"

#include <stdlib.h>

void make_log_start(struct make_log *m, const enum hash *hashes)
{
    *m = (struct make_log){0};
    m->w = wr_new(m->bytes, sizeof m->bytes);
    while (hashes[m->n] != HASH_NONE) {
        m->hash[m->n] = hashes[m->n];
        m->n++;
    }
    static const uint8_t zero[20];
    wr_u32le(&m->w, 0);
    wr_u32le(&m->w, EV_NO_ACTION);
    wr_bytes(&m->w, SPAN_ARR(zero));
    wr_u32le(&m->w, (uint32_t)(29 + 4 * m->n));
    wr_bytes(&m->w, span_of("Spec ID Event03", 16));
    wr_u32le(&m->w, 0);
    wr_bytes(&m->w, SPAN_LIT("\x00\x02\x00\x02"));
    wr_u32le(&m->w, (uint32_t)m->n);
    for (size_t i = 0; i < m->n; i++) {
        wr_u16le(&m->w, hash_tpm(m->hash[i]));
        wr_u16le(&m->w, (uint16_t)hash_size(m->hash[i]));
    }
    wr_u8(&m->w, 0);
}

static void head(struct make_log *m, uint32_t index, uint32_t type)
{
    wr_u32le(&m->w, index);
    wr_u32le(&m->w, type);
    wr_u32le(&m->w, (uint32_t)m->n);
}

static void tail(struct make_log *m, struct span data)
{
    wr_u32le(&m->w, (uint32_t)data.n);
    wr_bytes(&m->w, data);
    assert_true(wr_ok(&m->w));
}

void make_log_event(struct make_log *m, uint32_t index, uint32_t type, struct span measured,
                    struct span data)
{
    head(m, index, type);
    for (size_t i = 0; i < m->n; i++) {
        uint8_t out[HASH_MAX_SIZE];
        assert_true(digest(m->hash[i], measured, out));
        wr_u16le(&m->w, hash_tpm(m->hash[i]));
        wr_bytes(&m->w, span_of(out, hash_size(m->hash[i])));
    }
    tail(m, data);
}

void make_log_digest(struct make_log *m, uint32_t index, uint32_t type, struct span value,
                     struct span data)
{
    assert_true(m->n == 1 && m->hash[0] == HASH_SHA384 && value.n == 48);
    head(m, index, type);
    wr_u16le(&m->w, hash_tpm(HASH_SHA384));
    wr_bytes(&m->w, value);
    tail(m, data);
}

void make_log_only(struct make_log *m, enum hash bank, uint32_t index, uint32_t type,
                   struct span measured)
{
    uint8_t out[HASH_MAX_SIZE];
    assert_true(digest(bank, measured, out));
    wr_u32le(&m->w, index);
    wr_u32le(&m->w, type);
    wr_u32le(&m->w, 1);
    wr_u16le(&m->w, hash_tpm(bank));
    wr_bytes(&m->w, span_of(out, hash_size(bank)));
    tail(m, measured);
}

void make_log_no_action(struct make_log *m, uint32_t index, struct span data)
{
    static const uint8_t zero[HASH_MAX_SIZE];
    head(m, index, EV_NO_ACTION);
    for (size_t i = 0; i < m->n; i++) {
        wr_u16le(&m->w, hash_tpm(m->hash[i]));
        wr_bytes(&m->w, span_of(zero, hash_size(m->hash[i])));
    }
    tail(m, data);
}

/* Memory that stays reachable, so that it does not count as leaked. */
struct block {
    struct event events[LIMIT_LOG_EVENTS]; /* first: aligned for any type */
    struct block *next;
};

struct events make_log_load(struct span bytes, enum log_kind kind)
{
    static struct block *blocks;
    struct block *b = malloc(sizeof *b);
    assert_non_null(b);
    b->next = blocks;
    blocks = b;
    struct arena a = arena_new(b->events, sizeof b->events);
    struct situs_err err = {0};
    struct events out;
    if (!tcg_log_read(&out, bytes, kind, "log", &a, &err))
        fail_msg("%s %s at %zu: expected %s, got %s", err_code_name(err.code), err.field, err.at,
                 err.expected, err.got);
    return out;
}

struct events make_log_read(const struct make_log *m, enum log_kind kind)
{
    return make_log_load(wr_span(&m->w), kind);
}
