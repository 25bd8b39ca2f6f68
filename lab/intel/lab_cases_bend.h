/* How each case is bent; form counts from 0 in the order of the table. */
#ifndef SITUS_LAB_INTEL_CASES_BEND_H
#define SITUS_LAB_INTEL_CASES_BEND_H

#include "lab/intel/lab_cases.h"

/* The quote. */
void bend_qe_signature(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_qe(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_module(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_header(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_signature(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_version(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_size(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_td(struct lab_world *w, struct lab_scene *s, unsigned form);

/* The certificates and CRLs. */
void bend_chain(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_crl(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_revoke(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_trailing(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_time(struct lab_world *w, struct lab_scene *s, unsigned form);

/* The signed JSON. */
void bend_qe_identity(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_tcb_form(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_status(struct lab_world *w, struct lab_scene *s, unsigned form);
void bend_kind(struct lab_world *w, struct lab_scene *s, unsigned form);

/* bend_foreign puts a chain under a root of the same name that is not the lab's. */
void bend_foreign(struct lab_chain *chain);

#endif
