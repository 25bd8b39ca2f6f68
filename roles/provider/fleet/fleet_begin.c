/* How every change begins: by whom, and when; see change_begin and struct fleet_act. */
#include "base/text.h"
#include "base/time.h"
#include "provider/fleet/change.h"
#include "provider/fleet/store_seal.h"

#include <stdio.h>
#include <time.h>

#define EPOCH INT64_C(1767225600) /* 2026-01-01: no clock of this program is earlier */

bool change_name(const char *name, const char *field, struct situs_err *err)
{
    size_t n = name ? strlen(name) : 0;
    bool ok = n >= 1 && n <= FLEET_NAME && name[0] != ' ' && name[n - 1] != ' ';
    for (size_t i = 0; ok && i < n; i++)
        ok = name[i] >= 0x20 && name[i] < 0x7f && !strchr("\"\\", name[i]);
    if (ok)
        return true;
    err_fail(err, name ? SITUS_MALFORMED : SITUS_MISSING, STORE_PART, field, SITUS_NO_OFFSET,
             "1 to 64 printable ASCII characters without quote or backslash",
             name ? TEXT_CUT(span_text(name)) : "nothing");
    return err_hint(err, name ? "write the name in this form" : "every change needs it");
}

bool change_site(const char *site, struct situs_err *err)
{
    if (!change_name(site, "site", err))
        return false;
    if (strcmp(site, FLEET_ALL) != 0)
        return true;
    err_fail(err, SITUS_NOT_ALLOWED, STORE_PART, "site", SITUS_NO_OFFSET, "the name of one site",
             site);
    return err_hint(err, "a list of all sites is called so: name the site otherwise; where all are "
                         "meant, leave --site out");
}

static bool refuse(const char *what, int64_t bound, int64_t at, const char *hint,
                   struct situs_err *err)
{
    char expected[60];
    snprintf(expected, sizeof expected, "a time not %s %s", what, TEXT_TIME(bound));
    err_fail(err, SITUS_NOT_YET_VALID, STORE_PART, "clock", SITUS_NO_OFFSET, expected,
             TEXT_TIME(at));
    return err_hint(err, hint);
}

/* newest is the newest date of the history, without what was said to be wrong: counter "clock" is
 * the row that says so of those before it. The sign keeps SQLite to the index of dates. */
static bool newest(struct fleet *f, int64_t *at, struct situs_err *err)
{
    return store_number(f, err, at,
                        "SELECT at FROM history WHERE +number >= "
                        "(SELECT COALESCE(MAX(value), 0) FROM counter WHERE name = 'clock') "
                        "ORDER BY at DESC LIMIT 1",
                        "");
}

/* was_wrong records that the dates of the history up to now count no more: once for all. */
static bool was_wrong(struct fleet *f, const struct fleet_act *act, int64_t last,
                      struct situs_err *err)
{
    char detail[80];
    int64_t history;
    snprintf(detail, sizeof detail, "the date %s was wrong", TEXT_TIME(last));
    return store_history(f, act, "clock", NULL, detail, &history, err) &&
           store_do(f, err,
                    "INSERT INTO counter VALUES ('clock', ?1) "
                    "ON CONFLICT (name) DO UPDATE SET value = ?1",
                    "n", history);
}

/* time_ok holds the date of a change to clock and history. */
static bool time_ok(struct fleet *f, const struct fleet_act *act, int64_t now,
                    enum change_urgency urgency, struct situs_err *err)
{
    int64_t last = 0;
    if (!newest(f, &last, err))
        return false;
    if (act->at < EPOCH)
        return refuse("before", EPOCH, act->at,
                      "set the clock right; if that cannot be, say the time with --at, and "
                      "again with --allow-future",
                      err);
    if (act->at > now && act->at != act->allow_future)
        return refuse(
            "after", now, act->at,
            "the date is ahead of the clock: leave --at out, or, if it is meant, repeat it "
            "with --allow-future",
            err);
    if (act->at < last && act->allow_future == last)
        return was_wrong(f, act, last, err);
    if (act->at >= last || urgency == CHANGE_URGENT)
        return true;
    return refuse(
        "before", last, act->at,
        "the history has a change of that date: set the clock right, or, if that date was "
        "wrong, say so once: --allow-future and that date",
        err);
}

static int64_t clock_of(const struct fleet_act *act)
{
    return act->clock ? act->clock() : (int64_t)time(NULL);
}

bool change_date(struct fleet *f, const struct fleet_act *act, enum change_urgency urgency,
                 struct fleet_act *dated, struct situs_err *err)
{
    int64_t now = f->held ? f->held_at : clock_of(act);
    *dated = *act;
    dated->at = act->at ? act->at : now;
    return time_ok(f, dated, now, urgency, err);
}

bool change_begin(struct fleet *f, const struct fleet_act *act, enum change_urgency urgency,
                  struct fleet_act *dated, struct situs_err *err)
{
    return change_name(act->by, "operator", err) && store_begin(f, err) &&
           (change_date(f, act, urgency, dated, err) || store_end(f, false, err));
}

bool fleet_hold(struct fleet *f, const struct fleet_act *act, struct situs_err *err)
{
    if (!store_begin(f, err))
        return false;
    f->held_at = clock_of(act);
    f->held = true;
    return true;
}

bool fleet_release(struct fleet *f, bool keep, struct situs_err *err)
{
    f->held = false;
    return store_end(f, keep, err);
}

bool change_checked(struct fleet *f, struct situs_err *err)
{
    f->checked = f->checked || store_seal_check(f, err);
    return f->checked;
}
