/* Guest references; see lab_reference.h. */
#include "lab/intel/lab_reference.h"

#include "model/policy.h"

void lab_closed(struct lab_buf *b, const char *by)
{
    lab_buf_format(b, "\"closed\": {\"by\": \"%s\"", by);
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        lab_buf_format(b, ", \"%s\": true", closed_key((enum closed_point)i));
    lab_buf_text(b, "}");
}

static void put_hex(struct lab_buf *b, const char *before, struct span s, const char *after)
{
    lab_buf_text(b, before);
    lab_buf_hex_lower(b, s);
    lab_buf_text(b, after);
}

static void put_list(struct lab_buf *b, uint8_t pcr, const struct lab_reference_event *v, size_t n)
{
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        if (v[i].pcr != pcr)
            continue;
        put_hex(b, first ? "{\"digest\": \"" : ", {\"digest\": \"", SPAN_ARR(v[i].digest),
                v[i].tpm_only ? "\", \"tpm_only\": true}" : "\"}");
        first = false;
    }
}

static void put_lists(struct lab_buf *b, const struct lab_reference_event *v, size_t n)
{
    bool first = true;
    lab_buf_text(b, ", \"profile\": \"lab\", \"boot\": {");
    for (uint8_t pcr = 0; pcr <= BOOT_LAST; pcr++) {
        if (!(BOOT_PCRS >> pcr & 1))
            continue;
        lab_buf_format(b, "%s\"%u\": [", first ? "" : ", ", (unsigned)pcr);
        put_list(b, pcr, v, n);
        lab_buf_text(b, "]");
        first = false;
    }
    lab_buf_text(b, "}, \"tail\": {\"11\": [\"enter-initrd\", \"leave-initrd\", \"sysinit\", "
                    "\"ready\"]}, \"pcr7\": [");
    first = true;
    for (size_t i = 0; i < n; i++)
        if (v[i].pcr == 7) {
            put_hex(b, first ? "\"" : ", \"", SPAN_ARR(v[i].digest), "\"");
            first = false;
        }
    lab_buf_text(b, "]");
}

void lab_reference(struct lab_buf *b, const char *name, struct span mrtd, const uint8_t rtmr[4][48],
                   const struct lab_reference_event *v, size_t n)
{
    lab_buf_format(b, "{\"name\": \"%s\", ", name);
    put_hex(b, "\"mrtd\": \"", mrtd, "\", \"rtmr\": [");
    for (int i = 0; i < 4; i++)
        put_hex(b, "\"", SPAN_ARR(rtmr[i]), i < 3 ? "\", " : "\"], ");
    lab_closed(b, "lab image builder");
    if (n)
        put_lists(b, v, n);
    lab_buf_text(b, "}");
}
