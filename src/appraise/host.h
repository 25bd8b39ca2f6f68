/* host.image and host.co-located: an approved host is in charge of the machine (DESIGN: closed
 * references). */
#ifndef SITUS_APPRAISE_HOST_H
#define SITUS_APPRAISE_HOST_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/registers.h"

/*
 * host_check decides host.image: the launch log is, event for event in the quoted registers, that
 * of a host reference whose window holds at. log is NULL unless log.launch held; quoted is the bank
 * that it explains. Returns the reference that the events match, in its window or not, or NULL.
 */
const struct host_reference *host_check(struct findings *f, const struct policy *p,
                                        const struct bank *quoted, const struct events *log,
                                        int64_t at);

/* host_check_co_located decides host.co-located: the platform's quote holds, and the reference of
 * the host that runs says that its agent speaks only for TD quotes made on its machine. */
void host_check_co_located(struct findings *f, const struct claims *platform,
                           const struct host_reference *host);

#endif
