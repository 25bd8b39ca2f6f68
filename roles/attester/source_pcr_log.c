/* The guest firmware's TCG log, as the kernel gives it (PC Client PFP 1.06, 10), and behind it what
 * the running system measured since: by its own log, else by the phases that lead to the quote. */
#include "attester/attest.h"

#include "attester/log_tail.h"
#include "attester/systemd_log.h"
#include "base/text.h"
#include "evidence/tcg_log.h"
#include "frame/file.h"
#include "frame/out.h"

#define PART "log.guest"

/* Says on stderr what a verifier will refuse; it decides, not this. */
static void tell_unexplained(struct attest *a, const struct events *log)
{
    char names[160];
    struct wr w = wr_new(names, sizeof names - 1);
    uint32_t mask = log_tail_unexplained(log, a->quoted);
    for (uint32_t i = 0; i < REGISTERS_MAX; i++)
        if (mask >> i & 1)
            wr_format(&w, "%s%u", w.n ? ", " : "", i);
    names[w.n] = 0;
    if (mask)
        out_note("the event log does not lead to the quoted value of PCR %s: a verifier that asks "
                 "for it refuses",
                 names);
    if (mask && a->running.marked)
        out_note("systemd's log is marked as incomplete: a measurement of this boot is missing");
    if (mask >> LOG_TAIL_PCR & 1 && !a->kept && a->config->n_tail)
        out_note("nor does it with the first phases of --tail: name there what this system "
                 "measures into PCR 11, in order");
}

/* append writes what the running system measured behind the log. */
static bool append(struct attest *a, const struct events *log, struct wr *w, struct situs_err *err)
{
    struct systemd_log found;
    size_t phases = a->config->n_tail;
    if (a->kept) {
        if (!systemd_log_append(w, log, a->running.text, &found, err))
            return err_hint(err, "the log of the running system does not read: evidence without "
                                 "it would be refused");
        out_step("log: %zu events of the running system, %zu of no PCR below 16", found.appended,
                 found.elsewhere);
    } else if (log_tail_phases(w, log, a->quoted, a->config->tail, &phases)) {
        out_step("log: %zu phases of the running system", phases);
    }
    return true;
}

/* with_tail gives the log with its tail; a log that has none is sent as it is. */
static bool with_tail(struct attest *a, struct span firmware, struct span *value,
                      struct situs_err *err)
{
    struct events log, whole;
    struct situs_err bad = {0};
    if (!tcg_log_read(&log, firmware, LOG_PCR, PART, &a->arena, &bad)) {
        if (a->kept)
            *err = bad;
        else
            out_note("the event log does not read (%s): it is sent as it is", bad.field);
        return !a->kept;
    }
    struct wr w = wr_new(arena_take(&a->arena, LIMIT_LOG), LIMIT_LOG);
    if (!w.p)
        return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    wr_bytes(&w, log.log);
    if (!append(a, &log, &w, err))
        return false;
    if (!wr_ok(&w))
        return err_fail(err, SITUS_TOO_LONG, PART, "size", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_LOG),
                        TEXT_BYTES(w.n));
    if (w.n > log.log.n)
        *value = wr_span(&w);
    if (!tcg_log_read(&whole, *value, LOG_PCR, PART, &a->arena, err))
        return false;
    tell_unexplained(a, &whole);
    return true;
}

bool source_pcr_log(struct attest *a, struct span *value, struct situs_err *err)
{
    struct file file;
    if (!a->config->pcr_log)
        return true;
    if (!file_read(&file, a->config->pcr_log, LIMIT_LOG, err))
        return false;
    *value = arena_copy(&a->arena, file_span(&file));
    bool ok = value->n > 0;
    file_free(&file);
    if (!ok)
        return err_fail(err, SITUS_MISSING, PART, "", SITUS_NO_OFFSET, "an event log",
                        "an empty file");
    return !a->quoted || with_tail(a, *value, value, err);
}
