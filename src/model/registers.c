/* Names of event types; see event_types.def. */
#include "model/registers.h"

const char *event_type_name(uint32_t type)
{
    static const struct {
        uint32_t value;
        const char *name;
    } rows[] = {
#define EVENT_TYPE(name, value) {value, #name},
#include "model/event_types.def"
#undef EVENT_TYPE
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value == type)
            return rows[i].name;
    return NULL;
}
