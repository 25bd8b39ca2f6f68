/* What was collected; see collected.h. */
#include "support/collected.h"

#include "support/test.h"

struct bundle *collected_read(struct span bytes, size_t n)
{
    static struct bundle b;
    static uint8_t room[65536];
    struct arena arena = arena_new(room, sizeof room);
    struct situs_err err = {0};
    if (!bundle_read(&b, bytes, &arena, &err))
        fail_msg("%s %s: %s", err.part, err.field, err.got);
    assert_int_equal(b.n, n);
    return &b;
}

struct span collected_item(struct bundle *b, const char *label)
{
    struct item *item = bundle_find(b, label);
    assert_non_null(item);
    return item->value;
}
