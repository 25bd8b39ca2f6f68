/*
 * What can be seen, from inside a running guest, of the points of a closed image (DESIGN: closed
 * references). It finds what speaks against a point; it never proves one: whoever looks is inside the
 * image, and so is whoever would hide.
 */
#ifndef SITUS_DOCTOR_CLOSED_LOOK_H
#define SITUS_DOCTOR_CLOSED_LOOK_H

#include <stddef.h>

#include "model/closed.h"

enum look {
    LOOK_BLIND, /* nothing to be seen from inside, or what would tell is not there */
    LOOK_CLEAR, /* what can be seen does not speak against it */
    LOOK_OPEN,  /* something speaks against it */
    LOOKS
};

struct closed_sight {
    enum look look;
    char what[200]; /* what was seen, or where to look instead */
};

/* closed_look looks at one point in the files below root: "" for the machine itself. */
struct closed_sight closed_look(enum closed_point point, const char *root);

/* closed_look_name is "blind", "clear" or "open". */
const char *closed_look_name(enum look look);

#endif
