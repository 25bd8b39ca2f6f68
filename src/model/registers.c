/* Names of event types; see event_types.def. */
#include "model/registers.h"

static const struct {
    uint32_t value;
    const char *name;
} rows[] = {
#define EVENT_TYPE(name, value) {value, #name},
#include "model/event_types.def"
#undef EVENT_TYPE
};

const char *event_type_name(uint32_t type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value == type)
            return rows[i].name;
    return NULL;
}

bool event_type_find(struct span name, uint32_t *type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (span_equal(name, span_text(rows[i].name))) {
            *type = rows[i].value;
            return true;
        }
    return false;
}
