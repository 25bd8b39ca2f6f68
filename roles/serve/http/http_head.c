/* Heads of requests; see http_head.h. */
#include "serve/http/http_head.h"

#include <strings.h>

struct sought {
    const char *name;
    char *room;
    size_t n;
    unsigned times;
    struct span first;
    bool cut;
};

static enum MHD_Result look(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n,
                            const char *value, size_t n)
{
    struct sought *s = cls;
    (void)kind;
    if (key_n != strlen(s->name) || strncasecmp(key, s->name, key_n) != 0)
        return MHD_YES;
    struct span text = span_of(value ? value : "", n);
    size_t gap = s->n ? 2 : 0;
    if (s->times++ == 0)
        s->first = text;
    if (s->room && !s->cut && s->n + gap + n < HTTP_FIELD_MAX) {
        memcpy(s->room + s->n, ", ", gap);
        memcpy(s->room + s->n + gap, text.p, n);
        s->n += gap + n;
    } else {
        s->cut = true;
    }
    return MHD_YES;
}

static struct sought seek(struct MHD_Connection *connection, const char *name, char *room)
{
    struct sought s = {.name = name, .room = room};
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, look, &s);
    return s;
}

struct span http_head_field(struct MHD_Connection *connection, const char *name,
                            char room[HTTP_FIELD_MAX])
{
    struct sought s = seek(connection, name, room);
    if (s.times < 2)
        return s.first;
    return s.cut ? (struct span){0} : span_of(room, s.n);
}

unsigned http_head_times(struct MHD_Connection *connection, const char *name)
{
    return seek(connection, name, NULL).times;
}

/* Where the next byte of the head should be, as an address: the library's texts lie in one buffer, as
 * they came, with a zero byte where a colon, blank or carriage return was. */
struct account {
    uintptr_t at;
    bool whole;
};

static bool is_token(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", s[i]))
            return false;
    return n != 0;
}

static enum MHD_Result account_for(void *cls, enum MHD_ValueKind kind, const char *key,
                                   size_t key_n, const char *value, size_t n)
{
    struct account *a = cls;
    uintptr_t begins = (uintptr_t)value;
    (void)kind;
    a->whole = a->whole && value && (uintptr_t)key == a->at && is_token(key, key_n);
    for (size_t i = key_n + 1; a->whole && (uintptr_t)key + i < begins; i++)
        a->whole = key[i] == ' ' || key[i] == '\t';
    for (size_t i = 0; a->whole && i < n; i++)
        a->whole = (unsigned char)value[i] >= ' ' || value[i] == '\t';
    a->at = begins + n + 2;
    return MHD_YES;
}

/* accounted says that method, target, version and headers, one behind the other, are the whole head:
 * libmicrohttpd 0.9.75 adds a folded line to the *name* before it, takes line ends of one byte, and
 * stops at a NUL. Later versions refuse such heads themselves, and may keep them otherwise. */
static bool accounted(const struct http_head *h)
{
    if (MHD_VERSION >= 0x01000000)
        return true;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(h->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    uintptr_t begins = (uintptr_t)h->method, target = begins + strlen(h->method) + 1,
              version = target + h->target_n + 1;
    struct account a = {version + strlen(h->version) + 2,
                        (uintptr_t)h->url == target && (uintptr_t)h->version == version};
    MHD_get_connection_values_n(h->connection, MHD_HEADER_KIND, account_for, &a);
    return a.whole && info && info->header_size == a.at + 2 - begins;
}

/* declared reads Content-Length; UINT64_MAX: it is no number. */
static uint64_t declared(struct span s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || n > UINT64_MAX / 10 - 9)
            return UINT64_MAX;
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    return s.n ? n : UINT64_MAX;
}

enum http_refusal http_head_framed(const struct http_head *h, size_t limit)
{
    struct sought length = seek(h->connection, "Content-Length", NULL);
    struct sought coding = seek(h->connection, "Transfer-Encoding", NULL);
    uint64_t n = length.times ? declared(length.first) : 0;
    bool chunked =
        coding.first.n == 7 && strncasecmp((const char *)coding.first.p, "chunked", 7) == 0;
    if (!accounted(h) || length.times + coding.times > 1 || n == UINT64_MAX ||
        (coding.times && (!chunked || strcmp(h->version, "HTTP/1.1") != 0)))
        return HTTP_FRAMING;
    return n > limit ? HTTP_TOO_LARGE : HTTP_SERVED;
}
