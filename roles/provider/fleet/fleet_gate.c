/* What must hold before anything is signed about a machine; see fleet_signable and
 * DESIGN: fleet, 1 to 3. */
#include "base/text.h"
#include "provider/fleet/change.h"

static bool refuse(enum situs_code code, const char *field, const char *expected, const char *got,
                   const char *hint, struct situs_err *err)
{
    err_fail(err, code, STORE_PART, field, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

static bool present(const struct fleet_machine *m, struct situs_err *err)
{
    if (m->status >= FLEET_RETIRED)
        return refuse(SITUS_REVOKED, "status", "a machine in use", fleet_status_name(m->status),
                      CHANGE_LEFT, err);
    if (m->status != FLEET_ENROLLED)
        return refuse(SITUS_NOT_ALLOWED, "status", "enrolled", fleet_status_name(m->status),
                      "see the machine in its place, then \"situs fleet confirm\"", err);
    return m->piid[0] ||
           refuse(SITUS_MISSING, "piid", "a platform instance", "none",
                  "\"situs fleet add --machine NAME --manifest FILE --pck FILE\"", err);
}

/* authenticated: Intel's registration answered the manifest with the PPID of the PCK certificate,
 * or a named operator vouches, or the supplier signed its PIID together with all its packages. */
static bool authenticated(const struct fleet_machine *m, struct situs_err *err)
{
    if (!m->has_manifest)
        return refuse(SITUS_MISSING, "manifest", "a Platform Manifest", "none",
                      "\"situs fleet add --machine NAME --manifest FILE\"", err);
    if (!m->has_pck || !m->ppid[0])
        return refuse(SITUS_MISSING, "pck", "a PCK certificate with the manifest's PIID", "none",
                      "\"situs fleet add --machine NAME --pck FILE\"", err);
    if (m->composed || m->vouched_by[0] || (m->receipt[0] && strcmp(m->receipt, m->ppid) == 0))
        return true;
    return refuse(SITUS_UNTRUSTED, "receipt", m->ppid, m->receipt[0] ? m->receipt : "none",
                  "anybody can write a manifest: give Intel's registration answer with --receipt, "
                  "or an operator's word with --vouch, beside --manifest, or the supplier's "
                  "composition manifest that names its PIID with --composition",
                  err);
}

/* delivered: every PRID that the manifest names is enrolled for this machine. */
static bool delivered(const struct fleet_machine *m, struct situs_err *err)
{
    if (m->packages > 0 && !m->stranger[0])
        return true;
    return refuse(SITUS_NOT_ALLOWED, "prid", "only packages that are enrolled for this machine",
                  m->stranger[0] ? m->stranger : "no package",
                  "a package that nobody delivered: look into the machine, then enrol it with "
                  "\"situs fleet add --machine NAME --prid HEX\"",
                  err);
}

bool fleet_signable(const struct fleet_machine *m, struct situs_err *err)
{
    return present(m, err) && authenticated(m, err) && delivered(m, err);
}

bool fleet_owned(const struct fleet_machine *m, const char *owner, bool other,
                 struct situs_err *err)
{
    if (!m->set_owner[0])
        return refuse(SITUS_MISSING, "owner", "an owner that was set", "none",
                      "say it once: \"situs fleet set --owner NAME\"", err);
    return other || strcmp(m->set_owner, owner) == 0 ||
           refuse(
               SITUS_MISMATCH, "owner", m->set_owner, owner,
               "if another name is meant, add --other-owner; if the owner changed, \"situs fleet "
               "set --owner\"",
               err);
}
