/* The machines; see lab_live_row.h. */
#include "lab/live/lab_live_row.h"

#include <string.h>

static const struct lab_live_row rows[] = {
    {"cloud", 0, false, true, false, false},     {"metal", 1, true, true, false, false},
    {"basement", 2, false, false, false, false}, {"snp", 0, false, false, true, false},
    {"azure", 3, false, false, false, true},
};

const struct lab_live_row *lab_live_row(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const struct lab_live_row *lab_live_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
