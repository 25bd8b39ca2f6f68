/* Events behind the firmware's log; see log_tail.h. */
#include "attester/log_tail.h"

#include "appraise/logs.h"

void log_tail_event(struct wr *w, const struct events *log, uint32_t pcr,
                    const uint8_t (*digests)[HASH_MAX_SIZE], struct span data)
{
    wr_u32le(w, pcr);
    wr_u32le(w, EV_IPL);
    wr_u32le(w, (uint32_t)log->banks);
    for (size_t i = 0; i < log->banks; i++) {
        wr_u16le(w, log->bank[i].alg);
        wr_bytes(w, span_of(digests[i], log->bank[i].size));
    }
    wr_u32le(w, (uint32_t)data.n);
    wr_bytes(w, data);
}

/* leads says after which numbers of words (bit i: i words) the log leads to the quoted PCR 11. */
static uint64_t leads(const struct events *log, const struct bank *quoted, const struct span *words,
                      size_t n)
{
    struct replay r;
    uint8_t hash[HASH_MAX_SIZE];
    size_t size = hash_size(quoted->hash);
    uint64_t found = 0;
    if (!logs_replay(&r, log, quoted->hash, 1u << LOG_TAIL_PCR))
        return 0;
    struct span value = span_of(r.value[LOG_TAIL_PCR], size);
    for (size_t i = 0; i <= n; i++) {
        if (span_equal(value, quoted->value[LOG_TAIL_PCR]))
            found |= UINT64_C(1) << i;
        if (i < n && (!digest(quoted->hash, words[i], hash) ||
                      !digest2(quoted->hash, value, span_of(hash, size), r.value[LOG_TAIL_PCR])))
            return 0;
    }
    return found;
}

static bool put_phase(struct wr *w, const struct events *log, struct span word)
{
    uint8_t digests[LIMIT_LOG_BANKS][HASH_MAX_SIZE] = {{0}};
    for (size_t i = 0; i < log->banks; i++)
        if (!digest(log->bank[i].hash, word, digests[i]))
            return false;
    log_tail_event(w, log, LOG_TAIL_PCR, digests, word);
    return true;
}

bool log_tail_phases(struct wr *w, const struct events *log, const struct registers *quoted,
                     const struct span *words, size_t *n)
{
    size_t given = *n < LOG_TAIL_WORDS ? *n : LOG_TAIL_WORDS, start = w->n;
    uint64_t found = UINT64_MAX;
    *n = 0;
    for (size_t i = 0; i < quoted->n; i++)
        if (quoted->bank[i].mask >> LOG_TAIL_PCR & 1)
            found &= leads(log, &quoted->bank[i], words, given);
    if (found == UINT64_MAX || found == 1) /* not quoted, or nothing is missing */
        return true;
    size_t many = 1;
    while (many <= given && found != UINT64_C(1) << many)
        many++;
    if (many > given) /* none, or more than one */
        return false;
    for (size_t i = 0; i < many; i++)
        if (!put_phase(w, log, words[i])) {
            w->n = start;
            return false;
        }
    *n = many;
    return true;
}

uint32_t log_tail_unexplained(const struct events *log, const struct registers *quoted)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < quoted->n; i++) {
        const struct bank *b = &quoted->bank[i];
        struct replay r;
        bool replayed = logs_replay(&r, log, b->hash, b->mask);
        for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
            if (b->mask >> pcr & 1 &&
                !(replayed && span_equal(b->value[pcr], span_of(r.value[pcr], hash_size(b->hash)))))
                mask |= 1u << pcr;
    }
    return mask;
}
