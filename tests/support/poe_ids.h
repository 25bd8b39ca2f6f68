#ifndef SITUS_TESTS_SUPPORT_POE_IDS_H
#define SITUS_TESTS_SUPPORT_POE_IDS_H

#include "endorse/poe/poe.h"

/* poe_ids derives tag-id and id from the payload of p (section 3.5.1): UUIDs of version 8 over
 * SHA-384. No verdict depends on them: the tests hold what poe_write derives to it. */
bool poe_ids(const struct poe *p, uint8_t tag_id[POE_UUID_SIZE], uint8_t id[POE_UUID_SIZE]);

#endif
