/* Registers and claims for tests; see registers.h. */
#include "support/registers.h"

#include "base/text.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

static const struct anchor anchor = {.name = "test"};

void case_again(struct case_ *c)
{
    c->arena = arena_new(c->room, sizeof c->room);
    c->findings = (struct findings){.arena = &c->arena};
}

void case_start(struct case_ *c)
{
    memset(c, 0, sizeof *c);
    c->td = (struct claims){.instance = "tdx", .authority = &anchor};
    c->tpm = (struct claims){.instance = "tpm.guest", .authority = &anchor};
    case_again(c);
}

void case_set(struct case_ *c, enum param id, const int64_t *nums, size_t n)
{
    c->policy.v[id] = (struct param_value){.given = true, .nums = nums, .n = n};
}

void registers_of_quote(struct claims *td, struct span quote)
{
    /* offsets: TDX DCAP Quoting Library API, A.3.1 and A.3.2 */
    claim_bytes(td, CLAIM_MRTD, span_cut(quote, 48 + 136, 48));
    for (size_t i = 0; i < 4; i++)
        claim_bytes(td, (enum claim_id)(CLAIM_RTMR0 + i), span_cut(quote, 48 + 328 + 48 * i, 48));
    claim_bytes(td, CLAIM_REPORT_DATA, span_cut(quote, 48 + 520, 64));
}

/* Bytes that stay reachable, so that they do not count as leaked. */
static uint8_t *keep(size_t n)
{
    static struct kept {
        uint8_t bytes[HASH_MAX_SIZE];
        struct kept *next;
    } * all;
    struct kept *one = malloc(sizeof *one);
    assert_non_null(one);
    assert_true(n <= sizeof one->bytes);
    one->next = all;
    all = one;
    return one->bytes;
}

void registers_add(struct registers *r, enum hash h, uint32_t i, struct span value)
{
    size_t b = 0;
    while (b < r->n && r->bank[b].hash != h)
        b++;
    if (b == r->n)
        r->bank[r->n++] = (struct bank){.hash = h};
    uint8_t *copy = keep(value.n);
    memcpy(copy, value.p, value.n);
    r->bank[b].mask |= 1u << i;
    r->bank[b].value[i] = span_of(copy, value.n);
}

static void add_hex(struct registers *r, enum hash h, uint32_t i, const char *hex)
{
    uint8_t value[HASH_MAX_SIZE];
    assert_true(text_hex_read(value, hash_size(h), span_of(hex, 2 * hash_size(h))));
    registers_add(r, h, i, span_of(value, hash_size(h)));
}

void registers_of_text(struct registers *r, struct span text)
{
    char line[200], name[16], hex[140];
    *r = (struct registers){0};
    for (size_t at = 0, n; at < text.n; at += n + 1) {
        unsigned i;
        for (n = 0; at + n < text.n && text.p[at + n] != '\n'; n++)
            line[n] = (char)text.p[at + n];
        line[n] = 0;
        assert_int_equal(sscanf(line, "%15s %u %139s", name, &i, hex), 3);
        add_hex(r, hash_by_name(span_text(name)), i, hex);
    }
}

void registers_of_json(struct registers *r, struct span json)
{
    char text[8192];
    unsigned alg;
    assert_true(json.n < sizeof text);
    memcpy(text, json.p, json.n);
    text[json.n] = 0;
    const char *at = strstr(text, "\"tpm_alg\":");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "\"tpm_alg\": %u", &alg), 1);
    for (uint32_t i = 0; i < REGISTERS_MAX; i++) {
        char key[16];
        snprintf(key, sizeof key, "\"%u\": \"", i);
        at = strstr(text, key);
        if (at)
            add_hex(r, hash_by_tpm((uint16_t)alg), i, at + strlen(key));
    }
}
