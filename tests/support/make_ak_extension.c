/* Extensions of AK certificates; see make_ak_extension.h. */
#include "support/make_ak_extension.h"

#include "base/wr.h"
#include "support/test.h"

/* All lengths here are below 128, except the outer one. */
static void put(struct wr *w, uint8_t tag, struct span value)
{
    wr_u8(w, tag);
    wr_u8(w, (uint8_t)value.n);
    wr_bytes(w, value);
}

static struct span sequence(uint8_t *out, size_t size, struct span body)
{
    struct wr w = wr_new(out, size);
    assert_true(body.n < 256);
    wr_u8(&w, 0x30);
    if (body.n >= 128)
        wr_u8(&w, 0x81);
    wr_u8(&w, (uint8_t)body.n);
    wr_bytes(&w, body);
    assert_true(wr_ok(&w));
    return wr_span(&w);
}

struct span make_gce_extension(uint8_t *out, size_t size, bool production, const char *zone,
                               struct span more)
{
    uint8_t body[256];
    const uint8_t security[] = {0xa0, 12,   0x30, 10, 0xa0, 3, 0x02,
                                1,    0x00, 0xa1, 3,  0x01, 1, production ? 0xff : 0};
    struct wr w = wr_new(body, sizeof body);
    put(&w, 0x0c, span_text(zone));
    put(&w, 0x02, SPAN_LIT("\x01\x02"));
    put(&w, 0x0c, SPAN_LIT("project"));
    put(&w, 0x02, SPAN_LIT("\x00\xff\xff\xff\xff\xff\xff\xff\xff"));
    put(&w, 0x0c, SPAN_LIT("instance"));
    wr_bytes(&w, SPAN_ARR(security));
    wr_bytes(&w, more);
    return sequence(out, size, wr_span(&w));
}

struct span make_situs_extension(uint8_t *out, size_t size, uint8_t class, struct span ak_name,
                                 size_t piid_size, struct span more)
{
    uint8_t body[256];
    static const uint8_t piid[17] = {0x55};
    static const uint8_t ek_name[34] = {0x00, 0x0b, 1};
    struct wr w = wr_new(body, sizeof body);
    put(&w, 0x0c, SPAN_LIT("hall 4"));
    put(&w, 0x0c, SPAN_LIT("rack 7"));
    put(&w, 0x0a, span_of(&class, 1));
    put(&w, 0x04, SPAN_ARR(ek_name));
    put(&w, 0x04, ak_name);
    put(&w, 0x04, span_of(piid, piid_size));
    put(&w, 0x02, SPAN_LIT("\x03"));
    put(&w, 0x02, SPAN_LIT("\x02"));
    wr_bytes(&w, more);
    return sequence(out, size, wr_span(&w));
}

void make_azure_policy(struct policy *p, const char *issuer, const char *since)
{
    static struct span words[2];
    const enum param ids[2] = {PARAM_AK_AZURE_ISSUERS, PARAM_AK_AZURE_NOT_BEFORE};
    words[0] = span_text(issuer);
    words[1] = span_text(since);
    for (int i = 0; i < 2; i++)
        p->v[ids[i]] = (struct param_value){.given = true, .words = &words[i], .n = 1};
}
