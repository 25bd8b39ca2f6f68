/* Printing of fields; see show.h. */
#include "show/show.h"

#include "base/text.h"
#include "base/time.h"
#include "frame/out.h"

static void label(const struct show *s, const char *name)
{
    out_print("%*s%-*s ", s->indent, "", 24 - s->indent, name);
}

void show_text(struct show *s, const char *name, struct span value)
{
    if (s->json) {
        json_out_pair_text(s->out, name, value);
        return;
    }
    label(s, name);
    for (size_t i = 0; i < value.n; i++) /* hostile text: nothing but printable ASCII */
        out_print("%c", value.p[i] >= 0x20 && value.p[i] < 0x7f ? value.p[i] : '?');
    out_print("\n");
}

void show_hex(struct show *s, const char *name, struct span value)
{
    if (s->json) {
        json_out_pair_hex(s->out, name, value);
        return;
    }
    label(s, name);
    for (size_t i = 0; i < value.n; i++)
        out_print("%02x", value.p[i]);
    out_print("\n");
}

void show_num(struct show *s, const char *name, int64_t value)
{
    if (s->json) {
        json_out_pair_num(s->out, name, value);
        return;
    }
    label(s, name);
    out_print("%lld\n", (long long)value);
}

void show_time(struct show *s, const char *name, int64_t value)
{
    show_text(s, name, span_text(TEXT_TIME(value)));
}

void show_open(struct show *s, const char *name)
{
    if (!s->json) {
        out_print("%*s%s\n", s->indent, "", name ? name : "-");
        s->indent += 2;
        return;
    }
    if (name)
        json_out_name(s->out, name);
    json_out_object(s->out);
}

void show_close(struct show *s)
{
    if (s->json)
        json_out_close(s->out);
    else
        s->indent -= 2;
}

void show_list(struct show *s, const char *name)
{
    if (!s->json) {
        show_open(s, name);
        return;
    }
    json_out_name(s->out, name);
    json_out_array(s->out);
}

void show_list_end(struct show *s)
{
    show_close(s);
}
