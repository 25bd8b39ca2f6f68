/* systemd's measurement log; see systemd_log.h. */
#include "attester/systemd_log.h"

#include "attester/log_tail.h"
#include "base/text.h"
#include "codec/json/json.h"

#define RECORD_BEGIN 0x1e /* RFC 7464, 2.2 */
#define LAST_PCR 15       /* above are the launch's, and two that are for anybody's use */
#define DIGESTS_MAX 16    /* TPML_DIGEST_VALUES has no more on any TPM */

/* One record, as read. */
struct record {
    bool elsewhere;
    uint32_t pcr;
    bool has[HASH_COUNT];
    uint8_t digest[HASH_COUNT][HASH_MAX_SIZE];
    bool described;
    struct span text; /* content.string */
};

static bool read_register(const struct json *v, struct record *r, struct situs_err *err)
{
    int64_t n;
    struct json at;
    if (json_has(v, "nv_index")) {
        r->elsewhere = true;
        if (!json_has(v, "pcr"))
            return json_get_num(v, "nv_index", 0, UINT32_MAX, &n, err);
        return json_get(v, "pcr", &at, err) &&
               json_fail(&at, SITUS_MALFORMED, "a PCR or an NV index", "both", err);
    }
    if (!json_get_num(v, "pcr", 0, REGISTERS_MAX - 1, &n, err))
        return false;
    r->pcr = (uint32_t)n;
    r->elsewhere = n > LAST_PCR;
    return true;
}

/* A hash that situs does not know is of a bank that it cannot quote. */
static bool read_digest(const struct json *v, struct record *r, struct situs_err *err)
{
    struct span name, hex;
    if (!json_get_text(v, "hashAlg", &name, err) || !json_get_text(v, "digest", &hex, err))
        return false;
    enum hash h = hash_by_name(name);
    if (h == HASH_NONE)
        return true;
    if (r->has[h])
        return json_fail(v, SITUS_DUPLICATE, "each algorithm once", hash_name(h), err);
    r->has[h] = true;
    return json_get_hex(v, "digest", r->digest[h], hash_size(h), err);
}

static bool read_digests(const struct json *v, struct record *r, struct situs_err *err)
{
    struct json list;
    if (!json_get_array(v, "digests", &list, err))
        return false;
    size_t n = json_count(&list);
    if (n == 0 || n > DIGESTS_MAX)
        return json_fail(&list, n ? SITUS_TOO_LONG : SITUS_MISSING, "1 to 16 digests", TEXT_NUM(n),
                         err);
    for (size_t i = 0; i < n; i++) {
        struct json one = json_element(&list, i);
        if (!read_digest(&one, r, err))
            return false;
    }
    return true;
}

/* Other writers may describe their records otherwise: what they say is then not repeated. */
static bool read_content(const struct json *v, struct record *r, struct situs_err *err)
{
    struct span type;
    struct json content;
    if (!json_get_text(v, "content_type", &type, err))
        return false;
    if (!span_equal(type, SPAN_LIT("systemd")))
        return true;
    if (!json_get_object(v, "content", &content, err))
        return false;
    r->described = json_has(&content, "string");
    return !r->described || json_get_text(&content, "string", &r->text, err);
}

/* hashed says whether the digests are the hashes of the text, in all their banks or in none: a
 * secret's are not, nor are those of a text that systemd cut or escaped. */
static bool find_hashed(const struct json *v, const struct record *r, bool *hashed,
                        struct situs_err *err)
{
    size_t same = 0, other = 0;
    for (enum hash h = 0; r->described && h < HASH_COUNT; h++) {
        uint8_t value[HASH_MAX_SIZE];
        if (!r->has[h])
            continue;
        if (!digest(h, r->text, value))
            return json_fail(v, SITUS_INTERNAL, "a hash", "none", err);
        if (memcmp(value, r->digest[h], hash_size(h)) == 0)
            same++;
        else
            other++;
    }
    *hashed = same > 0;
    return !same || !other ||
           json_fail(v, SITUS_MALFORMED, "the hash of content.string in every bank, or in none",
                     "in some", err);
}

/* Fills digests by the log's banks. */
static bool match_banks(const struct json *v, const struct record *r, const struct events *log,
                        uint8_t (*digests)[HASH_MAX_SIZE], struct situs_err *err)
{
    bool hashed = false;
    struct json list;
    if (!json_get(v, "digests", &list, err) || !find_hashed(&list, r, &hashed, err))
        return false;
    for (size_t i = 0; i < log->banks; i++) {
        enum hash h = log->bank[i].hash;
        if (h != HASH_NONE && r->has[h])
            memcpy(digests[i], r->digest[h], hash_size(h));
        else if (!hashed || !digest(h, r->text, digests[i]))
            return json_fail(&list, SITUS_MISSING, "a digest of each bank of the firmware's log",
                             hash_name(h), err);
    }
    return true;
}

static bool read_record(const struct json *v, struct wr *w, const struct events *log,
                        struct systemd_log *out, struct situs_err *err)
{
    struct record r = {.pcr = 0};
    uint8_t digests[LIMIT_LOG_BANKS][HASH_MAX_SIZE] = {{0}};
    if (!json_as_object(v, err) || !read_register(v, &r, err) || !read_digests(v, &r, err) ||
        !read_content(v, &r, err))
        return false;
    if (r.elsewhere) {
        out->elsewhere++;
        return true;
    }
    if (log->n + out->appended >= LIMIT_LOG_EVENTS)
        return json_fail(v, SITUS_TOO_LONG, "4096 events in all", "more", err);
    if (!match_banks(v, &r, log, digests, err))
        return false;
    log_tail_event(w, log, r.pcr, (const uint8_t(*)[HASH_MAX_SIZE])digests, r.text);
    out->appended++;
    return true;
}

static bool fail_at(struct situs_err *err, enum situs_code code, size_t at, const char *expected,
                    const char *got)
{
    return err_fail(err, code, SYSTEMD_LOG_PART, "record", at, expected, got);
}

/* Reads the record that lies from at to end, its first byte the record separator. */
static bool read_one(struct span text, size_t at, size_t end, struct wr *w,
                     const struct events *log, struct systemd_log *out, struct situs_err *err)
{
    struct json_doc doc = {.root = NULL};
    struct json v;
    if (text.p[at] != RECORD_BEGIN)
        return fail_at(err, SITUS_MALFORMED, at, "a record separator (RFC 7464)", "another byte");
    if (text.p[end - 1] != '\n')
        return fail_at(err, SITUS_TOO_SHORT, end, "a record that ends its line",
                       "a record cut off");
    if (!json_read(&doc, &v, span_cut(text, at + 1, end - at - 1), SYSTEMD_LOG_PART, err)) {
        err->at = err->at == SITUS_NO_OFFSET ? at : at + 1 + err->at;
        return false;
    }
    bool ok = read_record(&v, w, log, out, err);
    if (!ok)
        err->at = at; /* the fields below have none: say which record it is */
    json_free(&doc);
    return ok;
}

bool systemd_log_append(struct wr *w, const struct events *log, struct span text,
                        struct systemd_log *out, struct situs_err *err)
{
    size_t start = w->n;
    *out = (struct systemd_log){.appended = 0};
    for (size_t at = 0, end; at < text.n; at = end) {
        end = at + 1;
        while (end < text.n && text.p[end] != RECORD_BEGIN)
            end++;
        if (!read_one(text, at, end, w, log, out, err)) {
            *out = (struct systemd_log){.appended = 0};
            w->n = start;
            return false;
        }
    }
    return true;
}
