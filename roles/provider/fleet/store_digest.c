/* Digests of rows; see store_digest.h. */
#include "provider/fleet/store_digest.h"

#include "base/text.h"
#include "base/wr.h"
#include "crypto/digest.h"

static void put(uint8_t out[8], uint64_t value)
{
    struct wr w = wr_new(out, 8);
    wr_u64be(&w, value);
}

bool store_digest_add(struct store_digest_row *r, sqlite3_value *v)
{
    size_t i = r->n / 2;
    int type = sqlite3_value_type(v);
    struct span bytes = {NULL, 0};
    if (i > STORE_DIGEST_COLUMNS)
        return false;
    if (type == SQLITE_INTEGER) {
        put(r->numbers[i], (uint64_t)sqlite3_value_int64(v));
        bytes = SPAN_ARR(r->numbers[i]);
    } else if (type != SQLITE_NULL) {
        bytes.p = sqlite3_value_blob(v);
        bytes.n = (size_t)sqlite3_value_bytes(v);
    }
    r->heads[i][0] = (uint8_t)type;
    put(r->heads[i] + 1, bytes.n);
    r->parts[r->n++] = SPAN_ARR(r->heads[i]);
    r->parts[r->n++] = bytes;
    return true;
}

bool store_digest_sum(uint8_t total[32], const struct store_digest_row *r)
{
    uint8_t hash[32];
    if (!digest_parts(HASH_SHA256, r->parts, r->n, hash))
        return false;
    for (size_t i = 0; i < sizeof hash; i++)
        total[i] ^= hash[i];
    return true;
}

/* situs_seal(digest, table, columns...) is the digest with this row in it, or without it. */
static void seal_function(sqlite3_context *c, int n, sqlite3_value **values)
{
    struct store_digest_row r = {.n = 0};
    uint8_t total[32];
    char hex[STORE_DIGEST_HEX + 1];
    const unsigned char *before = n > 1 ? sqlite3_value_text(values[0]) : NULL;
    bool ok = before && text_hex_read(total, sizeof total, span_text((const char *)before));
    for (int i = 1; ok && i < n; i++)
        ok = store_digest_add(&r, values[i]);
    if (ok && store_digest_sum(total, &r))
        sqlite3_result_text(c, text_hex(hex, sizeof hex, SPAN_ARR(total)), STORE_DIGEST_HEX,
                            SQLITE_TRANSIENT);
    else
        sqlite3_result_error(c, "the seal does not read", -1);
}

bool store_digest_function(sqlite3 *db)
{
    return sqlite3_create_function_v2(db, "situs_seal", -1,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                      seal_function, NULL, NULL, NULL) == SQLITE_OK;
}

bool store_digest_history(char out[STORE_DIGEST_HEX + 1], const char *before, int64_t number,
                          const struct fleet_act *act, const char *action, const char *machine,
                          const char *detail)
{
    const char *const texts[] = {before, act->by, action, machine ? machine : "", detail};
    uint8_t numbers[2][8], hash[32];
    struct span parts[12] = {SPAN_ARR(numbers[0]), SPAN_ARR(numbers[1])};
    size_t n = 2;
    put(numbers[0], (uint64_t)number);
    put(numbers[1], (uint64_t)act->at);
    for (size_t i = 0; i < 5; i++) /* with their zero bytes, which no text has inside */
        parts[n++] = span_of(texts[i], strlen(texts[i]) + 1);
    bool ok = digest_parts(HASH_SHA256, parts, n, hash);
    text_hex(out, STORE_DIGEST_HEX + 1, SPAN_ARR(hash));
    return ok;
}
