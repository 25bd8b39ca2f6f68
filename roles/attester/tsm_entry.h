/* Inside roles/attester: names of our entries in configfs-tsm, and the end of those that a killed
 * attester left. */
#ifndef SITUS_ATTESTER_TSM_ENTRY_H
#define SITUS_ATTESTER_TSM_ENTRY_H

#include "attester/tsm.h"

#define TSM_ENTRY_NAME 64

/* tsm_entry_name names entry number of this process. */
void tsm_entry_name(char name[TSM_ENTRY_NAME], int number);

/* tsm_entry_sweep removes the entries of dead processes of this pid namespace; what cannot be
 * removed stays. */
void tsm_entry_sweep(const struct tsm_files *files, const char *root);

#endif
