/* The attack matrix as text: one line an attack, or the whole story of one. */
#ifndef SITUS_LAB_ATTACKS_MATRIX_H
#define SITUS_LAB_ATTACKS_MATRIX_H

#include "lab/attacks/lab_attacks.h"

/* lab_matrix_head writes the titles of the columns; lab_matrix_line one row. r is NULL for a row
 * that is not built yet. */
void lab_matrix_head(struct lab_buf *b, bool colour);
void lab_matrix_line(struct lab_buf *b, const struct lab_attack_row *row,
                     const struct lab_ruling *r, bool colour);

/* lab_matrix_story writes what one attacker did and what each judge said, check by check. */
void lab_matrix_story(struct lab_buf *b, const struct lab_attack_row *row,
                      const struct lab_ruling *r, bool colour);

/* lab_matrix_round_trip writes how long the answer took, where it crossed a wire. */
void lab_matrix_round_trip(struct lab_buf *b, const struct lab_ruling *r);

#endif
