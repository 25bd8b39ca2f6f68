/* The text form of register selections; see tpm_device.h. */
#include "tpm/tpm_device.h"

/* number reads decimal digits, no sign, at most two. */
static bool number(struct span *s, unsigned *v)
{
    size_t n = 0;
    for (*v = 0; n < s->n && n < 2 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        *v = *v * 10 + (unsigned)(s->p[n] - '0');
    *s = span_cut(*s, n, s->n - n);
    return n > 0 && *v < REGISTERS_MAX;
}

static bool take(struct span *s, char c)
{
    if (s->n == 0 || s->p[0] != (uint8_t)c)
        return false;
    *s = span_cut(*s, 1, s->n - 1);
    return true;
}

/* registers reads "0-9,11,12". */
static bool registers(struct span *s, uint32_t *mask)
{
    do {
        unsigned from, to;
        if (!number(s, &from))
            return false;
        to = from;
        if (take(s, '-') && (!number(s, &to) || to <= from))
            return false;
        for (unsigned i = from; i <= to; i++) {
            if (*mask >> i & 1)
                return false;
            *mask |= 1u << i;
        }
    } while (take(s, ','));
    return true;
}

bool tpm_selections_read(struct span text, struct tpm_selection *selections, size_t *n)
{
    *n = 0;
    do {
        size_t end = 0;
        while (end < text.n && text.p[end] != ':')
            end++;
        enum hash h = hash_by_name(span_cut(text, 0, end));
        if (h == HASH_NONE || end == text.n || *n == LIMIT_PCR_SELECTIONS)
            return false;
        for (size_t i = 0; i < *n; i++)
            if (selections[i].hash == hash_tpm(h))
                return false;
        text = span_cut(text, end + 1, text.n - end - 1);
        selections[*n] = (struct tpm_selection){.hash = hash_tpm(h)};
        if (!registers(&text, &selections[(*n)++].mask))
            return false;
    } while (take(&text, '+'));
    return text.n == 0;
}
