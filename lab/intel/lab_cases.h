/*
 * Scenes: a machine's quote, the collateral for it, and a time of appraisal; honest, or bent in one
 * way each: the published mistakes of quote verifiers. Tests, the attack matrix and the fuzz
 * corpora walk this table; every case must be refused, the honest scene accepted.
 */
#ifndef SITUS_LAB_INTEL_CASES_H
#define SITUS_LAB_INTEL_CASES_H

#include "lab/intel/lab_collateral.h"

struct lab_scene {
    int64_t at;
    struct lab_platform machine;
    struct lab_quote quote;
    struct lab_collateral collateral;
};

/* lab_scene_honest is machine 0 with a TDX 1.0 quote of version 4, at the world's time. */
struct lab_scene lab_scene_honest(struct lab_world *w);

struct lab_fault {
    const char *id; /* "N1": the case; "N3.2": the second form of case N3 */
    const char *what;
    void (*bend)(struct lab_world *w, struct lab_scene *s, unsigned form);
    unsigned form;
};

/* lab_fault_at is case i of the table, NULL after the last. */
const struct lab_fault *lab_fault_at(size_t i);

#endif
