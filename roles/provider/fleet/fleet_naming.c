/* In whose name the inventory signs; see fleet_set. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

static bool refuse(enum situs_code code, const char *field, const char *expected, const char *got,
                   const char *hint, struct situs_err *err)
{
    err_fail(err, code, STORE_PART, field, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

static bool form_ok(const struct fleet_names *n, struct situs_err *err)
{
    if (!n->owner && !n->issuer)
        return refuse(SITUS_MISSING, "owner", "an owner or an issuer", "neither",
                      "give --owner NAME or --issuer NAME", err);
    if ((n->site && n->machine) || (n->issuer && (n->site || n->machine)))
        return refuse(SITUS_MALFORMED, "site", "a site or a machine, and of an owner alone", "more",
                      "the issuer is that of the whole inventory; set it by itself", err);
    return (!n->owner || change_name(n->owner, "owner", err)) &&
           (!n->issuer || change_name(n->issuer, "issuer", err));
}

/* there says that the machine or site is in the inventory. */
static bool there(struct fleet *f, const struct fleet_names *n, struct situs_err *err)
{
    int64_t found = 0;
    enum fleet_status status;
    if (n->machine)
        return change_in_use(f, n->machine, &status, err);
    if (!n->site)
        return true;
    if (!store_number(f, err, &found, "SELECT COUNT(*) FROM site WHERE name = ?1", "t", n->site))
        return false;
    return found ||
           (change_site(n->site, err) && refuse(SITUS_UNKNOWN, "site", "a site of the inventory",
                                                n->site, "\"situs fleet list\" names them", err));
}

static bool put(struct fleet *f, const char *what, const struct fleet_names *n, const char *name,
                struct situs_err *err)
{
    return !name ||
           store_do(f, err,
                    "INSERT INTO naming VALUES (?1, ?2, ?3, ?4) "
                    "ON CONFLICT (what, site, machine) DO UPDATE SET name = ?4",
                    "tttt", what, n->site ? n->site : "", n->machine ? n->machine : "", name);
}

bool change_names(struct fleet *f, const struct fleet_act *act, const struct fleet_names *names,
                  struct situs_err *err)
{
    char detail[300];
    if (!form_ok(names, err))
        return false;
    snprintf(detail, sizeof detail, "%s%s%s%s%s%s%s", names->owner ? "owner " : "",
             names->owner ? names->owner : "", names->site ? " at site " : "",
             names->site ? names->site : "", names->owner && names->issuer ? "; " : "",
             names->issuer ? "issuer " : "", names->issuer ? names->issuer : "");
    return there(f, names, err) &&
           store_history(f, act, "set", names->machine, detail, NULL, err) &&
           put(f, "owner", names, names->owner, err) && put(f, "issuer", names, names->issuer, err);
}

bool fleet_set(struct fleet *f, const struct fleet_act *act, const struct fleet_names *names,
               struct situs_err *err)
{
    struct fleet_act dated;
    return change_begin(f, act, CHANGE_USUAL, &dated, err) &&
           store_end(f, change_names(f, &dated, names, err), err);
}

static bool as_set(const char *field, const char *set, const char *asked, bool other, char *out,
                   struct situs_err *err)
{
    char hint[120];
    if (!set[0]) {
        snprintf(hint, sizeof hint, "say it once: \"situs fleet set --%s NAME\"", field);
        return refuse(SITUS_MISSING, field, "a name that was set", "none", hint, err);
    }
    if (asked && strcmp(asked, set) != 0 && !other)
        return refuse(
            SITUS_MISMATCH, field, set, asked,
            "if another name is meant, add --other-owner; if it changed, \"situs fleet set\"", err);
    if (asked && !change_name(asked, field, err))
        return false;
    snprintf(out, FLEET_NAME + 1, "%s", asked ? asked : set);
    return true;
}

bool fleet_issuer(struct fleet *f, const char *asked, bool other, char *out, struct situs_err *err)
{
    char set[FLEET_NAME + 1];
    return store_text(f, err, set, sizeof set, "SELECT name FROM naming WHERE what = 'issuer'",
                      "") &&
           as_set("issuer", set, asked, other, out, err);
}

bool fleet_owner(struct fleet *f, const char *site, const char *asked, bool other, char *out,
                 struct situs_err *err)
{
    char set[FLEET_NAME + 1];
    return (!site || change_site(site, err)) &&
           store_text(f, err, set, sizeof set,
                      "SELECT name FROM naming WHERE what = 'owner' AND machine = '' "
                      "AND site IN ('', ?1) ORDER BY site DESC LIMIT 1",
                      "t", site ? site : "") &&
           as_set("owner", set, asked, other, out, err);
}
