/* How each case is bent; form counts from 0 in the order of the table. */
#ifndef SITUS_LAB_INTEL_BEND_H
#define SITUS_LAB_INTEL_BEND_H

#include "lab/intel/lab_cases.h"

/* The quote. */
void lab_bend_qe_signature(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_qe(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_module(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_header(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_signature(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_version(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_size(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_td(struct lab_world *w, struct lab_scene *s, unsigned form);

/* The certificates and CRLs. */
void lab_bend_chain(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_crl(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_revoke(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_trailing(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_time(struct lab_world *w, struct lab_scene *s, unsigned form);

/* The signed JSON. */
void lab_bend_qe_identity(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_tcb_form(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_status(struct lab_world *w, struct lab_scene *s, unsigned form);
void lab_bend_kind(struct lab_world *w, struct lab_scene *s, unsigned form);

/* lab_bend_foreign puts a chain under a root of the same name that is not the lab's. */
void lab_bend_foreign(struct lab_chain *chain);

#endif
