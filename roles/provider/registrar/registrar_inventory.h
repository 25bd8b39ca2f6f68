/* The registrar's fleet as the provider's inventory (provider/fleet): what situs-fleet(1) keeps. */
#ifndef SITUS_PROVIDER_REGISTRAR_REGISTRAR_INVENTORY_H
#define SITUS_PROVIDER_REGISTRAR_REGISTRAR_INVENTORY_H

#include "provider/fleet/fleet.h"
#include "provider/registrar/registrar.h"

struct registrar_inventory {
    struct fleet *fleet;
    int64_t (*now)(void);
    int64_t checked_at; /* fleet_check reads a large inventory for seconds: every CHECK_EVERY */
};

/* registrar_inventory_open opens the inventory to write: boots are recorded there. Free with
 * registrar_inventory_close, which accepts the zero state. */
bool registrar_inventory_open(struct registrar_inventory *i, const char *path, int64_t (*now)(void),
                              struct situs_err *err);
void registrar_inventory_close(struct registrar_inventory *i);

/* registrar_inventory_is says that the file is an inventory and not a CSV. */
bool registrar_inventory_is(const char *path);

/* registrar_inventory_fleet is the inventory as the registrar wants it. */
struct registrar_fleet registrar_inventory_fleet(struct registrar_inventory *i);

#endif
