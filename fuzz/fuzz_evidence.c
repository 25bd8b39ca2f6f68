/* Evidence as people have it: what a text stands for reads the same in every form that it is
 * written in, and nothing but a quote or a bundle comes out of text. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "oracle.h"
#include "situs.h"

const char *const oracles[] = {"bytes", "text", "hex", "base64", "armour", "JSON", NULL};

/* The text must read as these bytes. */
static void reads_as(const char *text, const struct situs_item *bytes)
{
    const struct situs_item in = {"again", text, strlen(text)};
    size_t size = situs_evidence_memory(in);
    void *memory = malloc(size);
    struct situs_item out;
    struct situs_err err;
    bool ok = situs_evidence_read(in, (struct situs_memory){memory, size}, &out, &err);
    assert(ok && out.size == bytes->size && memcmp(out.p, bytes->p, out.size) == 0);
    free(memory);
}

static void write_again(const struct situs_item *bytes)
{
    struct span s = span_of(bytes->p, bytes->size);
    size_t size = 2 * s.n + 200;
    char *hex = malloc(size), *base64 = malloc(size), *text = malloc(size);
    assert(hex && base64 && text);
    text_hex(hex, size, s);
    text_base64(base64, s);
    if (base64[strspn(base64, "0123456789abcdefABCDEF")] == '\0')
        goto out; /* six bytes can have a base64 that is hexadecimal, and is read so */
    reads_as(hex, bytes);
    oracle_ran(2);
    snprintf(text, size, " 0x%s\n", hex);
    reads_as(text, bytes);
    reads_as(base64, bytes);
    oracle_ran(3);
    for (char *p = base64; *p; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    reads_as(base64, bytes);
    text_base64(base64, s);
    snprintf(text, size, "-----BEGIN A QUOTE-----\n%s\n-----END A QUOTE-----\n", base64);
    reads_as(text, bytes);
    oracle_ran(4);
    snprintf(text, size, "{\"event_log\": \"\", \"quote\": \"%s\"}", hex);
    reads_as(text, bytes);
    oracle_ran(5);
out:
    free(hex);
    free(base64);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct situs_item in = {"fuzz", data, size};
    size_t room = situs_evidence_memory(in);
    uint8_t *memory = malloc(room);
    struct situs_item out;
    struct situs_err err;
    bool ok = situs_evidence_read(in, (struct situs_memory){memory, room}, &out, &err);
    assert(ok == (err.code == SITUS_NONE) && ok == (out.size > 0));
    const uint8_t *p = out.p;
    if (!ok) {
        assert(err.part[0] && err.code != SITUS_NO_MEMORY);
    } else if (p >= data && p < data + size) {
        assert(p + out.size <= data + size);
        oracle_ran(0);
    } else {
        assert(p >= memory && p + out.size <= memory + room);
        assert((p[0] >= 2 && p[0] <= 5) || p[0] == '{' || p[0] == 'H' || p[0] >> 5 == 5);
        oracle_ran(1);
        write_again(&out);
    }
    free(memory);
    return 0;
}
