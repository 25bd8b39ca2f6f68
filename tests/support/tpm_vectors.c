/* PCR values of test vectors; see tpm_vectors.h. */
#include "support/tpm_vectors.h"

#include "base/text.h"
#include "support/test.h"
#include "support/vectors.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t values[64][HASH_MAX_SIZE]; /* of the last two banks read */
static size_t used;

static void put(struct bank *bank, unsigned pcr, const char *hex)
{
    size_t n = hash_size(bank->hash);
    uint8_t *v = values[used++ % 64];
    assert_true(pcr < REGISTERS_MAX);
    assert_true(text_hex_read(v, n, span_of(hex, 2 * n)));
    bank->value[pcr] = span_of(v, n);
    bank->mask |= 1u << pcr;
}

static char *text_of(const char *path)
{
    static char text[65536];
    struct span s = vectors_read(path);
    assert_true(s.n < sizeof text);
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    return text;
}

void tpm_vectors_json(struct registers *r, const char *path)
{
    char *p = text_of(path);
    int alg = 0;
    *r = (struct registers){.n = 1};
    assert_int_equal(sscanf(strstr(p, "\"tpm_alg\""), "\"tpm_alg\": %d", &alg), 1);
    r->bank[0].hash = hash_by_tpm((uint16_t)alg);
    for (p = strchr(strstr(p, "\"pcrs\""), '{'); (p = strchr(p, '"'));) {
        unsigned pcr = 0;
        int n = 0;
        assert_int_equal(sscanf(p, "\"%u\": \"%n", &pcr, &n), 1);
        put(&r->bank[0], pcr, p + n);
        p = strchr(p + n, '"') + 1;
    }
}

void tpm_vectors_text(struct registers *r, const char *path, const char *bank, uint32_t mask)
{
    *r = (struct registers){.n = 1};
    r->bank[0].hash = hash_by_name(span_text(bank));
    for (char *line = strtok(text_of(path), "\n"); line; line = strtok(NULL, "\n")) {
        char name[16];
        unsigned pcr = 0;
        int n = 0;
        if (sscanf(line, "%15s %u %n", name, &pcr, &n) == 2 && strcmp(name, bank) == 0 &&
            mask >> pcr & 1)
            put(&r->bank[0], pcr, line + n);
    }
    assert_int_equal(r->bank[0].mask, mask);
}
