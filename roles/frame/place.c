/* Places in JSON; see place.h. codec/json/scan reads the text once more: jansson keeps no places. */
#include "frame/place.h"

#include "base/text.h"
#include "base/wr.h"
#include "codec/json/scan.h"

#define PATH_ROOM 256

struct walk {
    struct scan s;
    char path[PATH_ROOM];
    size_t n; /* of path */
    place_see *see;
    void *own;
    bool over;
};

struct place place_at(struct span text, size_t at)
{
    struct place p = {1, 1};
    for (size_t i = 0; i < at && i < text.n; i++) {
        bool end = text.p[i] == '\n';
        p.line += end;
        p.column = end ? 1 : p.column + ((text.p[i] & 0xc0) != 0x80); /* RFC 3629, 3 */
    }
    return p;
}

/* The bytes of the value at hand, looked at with a copy of the reader. */
static struct span whole(const struct walk *w)
{
    struct situs_err ignored = {0};
    struct scan copy = w->s;
    copy.r.err = &ignored;
    return scan_skip(&copy);
}

static void walk(struct walk *w);

/* One value, whose name or self begins at at. */
/* NOLINTNEXTLINE(misc-no-recursion): LIMIT_NESTING bounds it */
static void member(struct walk *w, size_t n, size_t at)
{
    struct place_value v = {w->path, whole(w), at};
    w->path[n < PATH_ROOM ? n : PATH_ROOM - 1] = 0;
    size_t before = w->n;
    w->n = n;
    w->over = w->over || v.bytes.n == 0 || !w->see(w->own, &v);
    if (!w->over)
        walk(w);
    w->n = before;
}

static size_t append(struct walk *w, const char *format, const char *text, size_t n)
{
    struct wr path = wr_new(w->path, PATH_ROOM - 1);
    path.n = w->n;
    wr_format(&path, format, (int)n, text);
    return path.n;
}

/* NOLINTNEXTLINE(misc-no-recursion): LIMIT_NESTING bounds it */
static void walk(struct walk *w)
{
    struct scan *s = &w->s;
    struct scan_level l;
    uint8_t first = s->r.pos < s->r.in.n ? s->r.in.p[s->r.pos] : 0;
    if (first == '{') {
        scan_object(s, &l, NULL, 0);
        while (!w->over && scan_any_member(s, &l))
            member(w, append(w, w->n ? ".%.*s" : "%.*s", (const char *)l.key.p, l.key.n),
                   (size_t)(l.key.p - s->r.in.p) - 1);
    } else if (first == '[') {
        scan_array(s, &l);
        while (!w->over && scan_element(s, &l)) {
            const char *number = TEXT_NUM(l.index);
            member(w, append(w, "[%.*s]", number, strlen(number)), s->r.pos);
        }
    } else {
        scan_skip(s);
    }
}

void place_values(struct span text, place_see *see, void *own)
{
    struct situs_err ignored = {0};
    struct walk w = {.s = scan_new(text, 0, NULL, "json", &ignored), .see = see, .own = own};
    walk(&w);
}

struct search {
    const char *field;
    size_t at, n; /* of the longest way that leads to it */
};

/* Fields of errors are cut, and show what is not printable as '?'. */
static bool leads(void *own, const struct place_value *v)
{
    struct search *s = own;
    char path[sizeof((struct situs_err *)0)->field];
    text_cut(path, sizeof path, span_text(v->path));
    size_t n = strlen(path);
    if (n > s->n && strncmp(path, s->field, n) == 0 && strchr(".[", s->field[n])) { /* or its end */
        s->n = n;
        s->at = v->at;
    }
    return true;
}

struct place place_find(struct span text, const struct situs_err *err)
{
    struct search s = {.field = err->field};
    if (err->at != SITUS_NO_OFFSET)
        return place_at(text, err->at);
    place_values(text, leads, &s);
    return s.n ? place_at(text, s.at) : (struct place){0};
}
