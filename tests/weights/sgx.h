/* Attackers of an enclave: the attack matrix has machines that run TDX alone. Each is a whole
 * appraisal of a quote, by situs_verify, under a policy that asks for genuine. */
#ifndef SITUS_TESTS_WEIGHTS_SGX_H
#define SITUS_TESTS_WEIGHTS_SGX_H

#include "lab/attacks/lab_attacks.h"

/* What became of an attack. */
struct weights_ruling {
    bool trusted;
    int exit;
    lab_checks failed; /* rows that failed; those that wait for one did not run */
};

struct sgx_scene;

/* sgx_find is the scene of this name; NULL when there is none. */
const struct sgx_scene *sgx_find(const char *name);

/* sgx_text says what the attacker does; NULL scene: nothing. */
const char *sgx_text(const struct sgx_scene *scene);

/* sgx_run appraises it; a NULL scene is the honest enclave. */
struct weights_ruling sgx_run(const struct sgx_scene *scene);

/* sgx_failed is the rows that a report says failed. */
lab_checks sgx_failed(const struct situs_result *r);

#endif
