/* Attackers of an SEV-SNP guest, which no machine of the attack matrix is. */
#ifndef SITUS_TESTS_WEIGHTS_SNP_H
#define SITUS_TESTS_WEIGHTS_SNP_H

#include "weights/sgx.h"

struct snp_scene;

/* snp_find is the scene of that name, or NULL; snp_text what it is called. */
const struct snp_scene *snp_find(const char *name);
const char *snp_text(const struct snp_scene *scene);

/* snp_run appraises the guest, bent by the scene; NULL: the honest one. */
struct weights_ruling snp_run(const struct snp_scene *scene);

#endif
