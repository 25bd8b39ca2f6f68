/* Whole reports, byte for byte: files of tests/golden, where every run of 16 hex digits or more is HEX.
 * GOLDEN=write writes them anew. */
#ifndef SITUS_TESTS_SUPPORT_GOLDEN_H
#define SITUS_TESTS_SUPPORT_GOLDEN_H

/* golden_compare holds a text, whose hex it replaces, against the file of that name. */
void golden_compare(char *text, const char *name);

/* golden_fits_a_screen says that it has at most 24 lines of 80 columns. */
void golden_fits_a_screen(const char *text);

#endif
