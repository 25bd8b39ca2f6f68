/*
 * The owner's inventory (provider/fleet/fleet.h), a real one in a file of its own, with one
 * machine: the stage's CLOUD_A or METAL, whose processor packages the supplier delivered. It acts
 * as the programs of an honest owner do; what it does not sign, no attacker on this stage gets.
 */
#ifndef SITUS_LAB_ATTACKS_INVENTORY_H
#define SITUS_LAB_ATTACKS_INVENTORY_H

#include "lab/attacks/lab_stage.h"
#include "lab/intel/lab_manifest.h"
#include "provider/fleet/fleet.h"

struct lab_inventory {
    struct lab_stage *s;
    struct fleet *f;
    enum lab_place place;
    char directory[32], path[48];
    struct fleet_act act;
    struct situs_err err; /* why the last endorsement, confirmation or boot was refused */
};

/* lab_inventory_open makes the inventory; the machine is delivered with a TPM of this EK Name, and
 * has not said who it is. Close with lab_inventory_close, which removes the file. */
void lab_inventory_open(struct lab_inventory *i, struct lab_stage *s, enum lab_place place,
                        const uint8_t ek_name[34]);
void lab_inventory_close(struct lab_inventory *i);

/* lab_inventory_state says which platform instance the machine is now, by manifest and PCK
 * certificate; registered: Intel answered the manifest's registration with its PPID. */
void lab_inventory_state(struct lab_inventory *i, const struct lab_platform *p,
                         const struct lab_manifest *m, bool registered);

/* lab_inventory_state_pck is the same by the PCK certificate alone. */
void lab_inventory_state_pck(struct lab_inventory *i, const struct lab_platform *p);

/* lab_inventory_confirm: an operator saw the machine in its place, and its PIID there. False:
 * refused. lab_inventory_confirm_boot: she saw this boot. */
bool lab_inventory_confirm(struct lab_inventory *i);
bool lab_inventory_confirm_boot(struct lab_inventory *i, uint32_t reset, uint32_t restart);

/* lab_inventory_swap: another TPM was put into the machine. */
void lab_inventory_swap(struct lab_inventory *i, const uint8_t ek_name[34]);

/* lab_inventory_boot says whether the registrar certifies a key of the TPM with this EK Name in the
 * boot that it reports. */
bool lab_inventory_boot(struct lab_inventory *i, const uint8_t ek_name[34], uint32_t reset,
                        uint32_t restart);

/* lab_inventory_list is the signed list of its machines; empty when none may be listed. */
struct span lab_inventory_list(struct lab_inventory *i);

/* lab_inventory_endorse is the endorsement of the machine as it is now; empty when the inventory
 * refuses. */
struct span lab_inventory_endorse(struct lab_inventory *i);

/* lab_inventory_ready is all of that for the machine as it was delivered. */
struct span lab_inventory_ready(struct lab_inventory *i);

/* lab_inventory_end takes the machine out: sold, lost or retired. */
void lab_inventory_end(struct lab_inventory *i, enum fleet_status status);

/* lab_inventory_revocations is what the owner publishes now. */
struct span lab_inventory_revocations(struct lab_inventory *i);

#endif
