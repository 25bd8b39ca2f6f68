/* Fuzzes the event log reader: the first byte chooses the kind of log. */
#include "evidence/tcg_log.h"
#include "oracle.h"

const char *const oracles[] = {"log of a TPM", "CCEL", "launch log", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[VERIFICATION_ARENA];
    if (size == 0)
        return 0;
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    struct events log;
    if (!tcg_log_read(&log, span_of(data + 1, size - 1), data[0] % 3, "log", &a, &err))
        return 0;
    size_t sum = 0; /* every span must lie inside the log */
    for (size_t i = 0; i < log.n; i++) {
        struct span s = events_data(&log, &log.v[i]);
        sum += s.n ? s.p[s.n - 1] : 0;
        for (size_t b = 0; b < log.banks; b++) {
            s = events_digest(&log, &log.v[i], b);
            sum += s.n ? s.p[s.n - 1] : 0;
        }
    }
    if (log.n)
        oracle_ran(data[0] % 3);
    return sum == SIZE_MAX;
}
