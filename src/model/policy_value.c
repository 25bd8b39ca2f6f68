/* One parameter of a policy from its JSON value, by its row in params.def; see policy_value.h. */
#include "model/policy_value.h"

#include <stdio.h>

#include "base/text.h"
#include "model/policy_guest.h"
#include "model/policy_host.h"
#include "model/snp_minimum.h"

static const struct {
    enum param param;
    const char *word;
    bool allowed;
} words[] = {
#define WORD(param, word, allowed) {PARAM_##param, word, allowed},
#include "model/words.def"
#undef WORD
};
#define WORD_COUNT (sizeof words / sizeof words[0])

/* A word of a parameter whose words are listed must be one of them, and an allowed one. */
static bool check_word(const struct json *v, enum param p, struct span word, struct situs_err *err)
{
    char known[200] = "words are:";
    bool closed = false;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].param != p)
            continue;
        closed = true;
        if (span_equal(span_text(words[i].word), word))
            return words[i].allowed ||
                   json_fail(v, SITUS_NOT_ALLOWED, "a word that can be acceptable", words[i].word,
                             err);
        size_t n = strlen(known), more = strlen(words[i].word);
        if (words[i].allowed && n + more + 2 < sizeof known) {
            known[n] = ' ';
            memcpy(known + n + 1, words[i].word, more + 1);
        }
    }
    if (!closed)
        return true;
    json_fail(v, SITUS_UNKNOWN, "a known word", TEXT_CUT(word), err);
    return err_hint(err, known);
}

/* Pairs are "A=B", split at the first "=": A is an anchor's name, which has none (situs-trust(5)),
 * so that a pair reads in one way. */
static bool check_pair(const struct json *v, struct span word, struct situs_err *err)
{
    const uint8_t *middle = memchr(word.p, '=', word.n);
    if (middle && middle > word.p && middle + 1 < word.p + word.n)
        return true;
    return json_fail(v, SITUS_MALFORMED, "two names around a \"=\"", TEXT_CUT(word), err);
}

/* An id that can be: PIID, PPID, id of an endorsement 16 bytes (a PIID of an endorsement also 32),
 * CHIP_ID 64, a TPM object's Name nameAlg and digest; the id of an endorsement may be text. */
static bool is_id(struct span id)
{
    static const size_t sizes[] = {16, 32, 64, 34, 50, 66};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (id.n == sizes[i])
            return true;
    return text_is_name(id, 255);
}

/* A value of PCR 0, or the MRTD that it goes with, "=", and it. */
static bool check_pcr0(const struct json *v, struct span word, struct situs_err *err)
{
    uint8_t value[48];
    bool pair = word.n == 193 && word.p[96] == '=';
    if ((pair || word.n == 96) && text_hex_read(value, 48, span_cut(word, 0, 96)) &&
        (!pair || text_hex_read(value, 48, span_cut(word, 97, 96))))
        return true;
    return json_fail(v, SITUS_MALFORMED, "96 hex digits, or 96, \"=\" and 96", TEXT_CUT(word), err);
}

static bool check_country(const struct json *v, struct span word, struct situs_err *err)
{
    if (text_is_country(word))
        return true;
    json_fail(v, SITUS_MALFORMED, "two capital letters", TEXT_CUT(word), err);
    return err_hint(err, "countries are codes of ISO 3166-1, as NL");
}

static bool check_key(const struct json *v, struct span word, struct situs_err *err)
{
    uint8_t key[32];
    return text_hex_read(key, sizeof key, word) ||
           json_fail(v, SITUS_MALFORMED, "64 hex digits", TEXT_CUT(word), err);
}

static bool check_sha384(const struct json *v, struct span word, struct situs_err *err)
{
    uint8_t digest[48];
    return text_hex_read(digest, sizeof digest, word) ||
           json_fail(v, SITUS_MALFORMED, "96 hex digits", TEXT_CUT(word), err);
}

static bool check_time(const struct json *v, struct span word, struct situs_err *err)
{
    int64_t at;
    return time_read_rfc3339(&at, word) ||
           json_fail(v, SITUS_MALFORMED, "a time as 2026-01-01T00:00:00Z", TEXT_CUT(word), err);
}

static bool check_snp_tcb(const struct json *v, struct span word, struct situs_err *err)
{
    struct snp_minimum m;
    if (snp_minimum_read(&m, word))
        return true;
    json_fail(v, SITUS_MALFORMED, "a product and its levels, 0 to 255", TEXT_CUT(word), err);
    return err_hint(err, "as \"Milan bootloader=4 tee=0 snp=24 microcode=219\"; Turin has fmc too");
}

static bool check_id(const struct json *v, struct span word, struct situs_err *err)
{
    uint8_t id[255]; /* the longest of a revocation list */
    char got[64];
    size_t n = word.n / 2;
    if (n > 0 && n <= sizeof id && text_hex_read(id, n, word) && is_id(span_of(id, n)))
        return true;
    snprintf(got, sizeof got, "%zu digits, %.32s", word.n, TEXT_CUT(word));
    json_fail(v, SITUS_MALFORMED,
              "hex digits: 32 (PIID, PPID, POE id), 64 (PIID), 68, 100, 132 (Name), 128 (CHIP_ID)",
              got, err);
    return err_hint(err, "an id that was cut or padded would deny nothing: copy it whole");
}

/* A word that could match nothing would silently deny or trust nothing. */
static bool check_form(const struct json *v, enum param_form form, struct span word,
                       struct situs_err *err)
{
    switch (form) {
    case FORM_PAIR:
        return check_pair(v, word, err);
    case FORM_COUNTRY:
        return check_country(v, word, err);
    case FORM_PCR0:
        return check_pcr0(v, word, err);
    case FORM_ID:
        return check_id(v, word, err);
    case FORM_ED25519:
        return check_key(v, word, err);
    case FORM_SHA384:
        return check_sha384(v, word, err);
    case FORM_TIME:
        return check_time(v, word, err);
    case FORM_SNP_TCB:
        return check_snp_tcb(v, word, err);
    case FORM_ANY:
    case FORM_RTMR:
    case FORM_PCR:
    case FORM_TPM_NAME:
        break;
    }
    return true;
}

/* Of a minimum the first word of a product counts: there is one. */
static bool same_word(enum param_form form, struct span a, struct span b)
{
    return form == FORM_SNP_TCB ? span_equal(text_field(&a, ' '), text_field(&b, ' '))
                                : span_equal(a, b);
}

static bool read_words(const struct json *list, enum param p, struct param_value *out,
                       struct arena *a, struct situs_err *err)
{
    struct span *v = ARENA_ARRAY(a, json_count(list), struct span);
    if (!v)
        return json_no_memory(list, err);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json element = json_element(list, i);
        if (!json_keep_text(&element, &v[i], a, err) || !check_word(&element, p, v[i], err) ||
            !check_form(&element, param_row(p)->form, v[i], err))
            return false;
        for (size_t j = 0; j < i; j++)
            if (same_word(param_row(p)->form, v[j], v[i]))
                return json_fail(&element, SITUS_DUPLICATE, "each word once", TEXT_CUT(v[i]), err);
    }
    out->words = v;
    return true;
}

/* Register numbers, in rising order. */
static bool read_nums(const struct json *list, enum param p, struct param_value *out,
                      struct arena *a, struct situs_err *err)
{
    int64_t max = param_row(p)->form == FORM_RTMR ? 3 : 23;
    int64_t *v = ARENA_ARRAY(a, json_count(list), int64_t);
    if (!v)
        return json_no_memory(list, err);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json element = json_element(list, i);
        if (!json_as_num(&element, 0, max, &v[i], err))
            return false;
        if (i && v[i] == v[i - 1])
            return json_fail(&element, SITUS_DUPLICATE, "each number once", TEXT_NUM(v[i]), err);
        if (i && v[i] < v[i - 1])
            return json_fail(&element, SITUS_MALFORMED, "numbers in rising order", TEXT_NUM(v[i]),
                             err);
    }
    out->nums = v;
    return true;
}

static bool hex_fits(const struct param_row *row, size_t size)
{
    return size >= row->least && size <= row->most &&
           (row->form != FORM_TPM_NAME || size == 34 || size == 50 || size == 66);
}

static bool fail_hex(const struct json *v, const struct param_row *row, struct span text,
                     struct situs_err *err)
{
    char expected[64] = "68, 100 or 132 hex digits";
    if (row->form != FORM_TPM_NAME && row->least == row->most)
        snprintf(expected, sizeof expected, "%zu hex digits", 2 * row->most);
    else if (row->form != FORM_TPM_NAME)
        snprintf(expected, sizeof expected, "%zu to %zu hex digits", 2 * row->least, 2 * row->most);
    return json_fail(v, SITUS_MALFORMED, expected, TEXT_CUT(text), err);
}

static bool read_hex(const struct json *v, enum param p, struct param_value *out, struct arena *a,
                     struct situs_err *err)
{
    struct span text;
    if (!json_as_text(v, &text, err))
        return false;
    size_t size = text.n / 2;
    if (text.n % 2 || !hex_fits(param_row(p), size))
        return fail_hex(v, param_row(p), text, err);
    uint8_t *bytes = arena_take(a, size);
    if (!bytes)
        return json_no_memory(v, err);
    if (!text_hex_read(bytes, size, text))
        return json_fail(v, SITUS_MALFORMED, "hex digits", TEXT_CUT(text), err);
    out->hex = span_of(bytes, size);
    return true;
}

static bool read_list(const struct json *list, enum param p, struct param_value *out,
                      struct arena *a, struct situs_err *err)
{
    if (!json_as_array(list, err))
        return false;
    out->n = json_count(list);
    if (out->n < param_row(p)->least)
        return json_fail(list, SITUS_MISSING, "at least one", "an empty list", err);
    if (out->n > param_row(p)->most)
        return json_fail(list, SITUS_TOO_LONG, TEXT_NUM(param_row(p)->most), TEXT_NUM(out->n), err);
    switch (param_row(p)->type) {
    case PARAM_IS_NUMS:
        return read_nums(list, p, out, a, err);
    case PARAM_IS_WORDS:
        return read_words(list, p, out, a, err);
    case PARAM_IS_HOSTS:
        return policy_host_read(list, out, a, err);
    default:
        return policy_guest_read(list, out, a, err);
    }
}

bool policy_value_read(const struct json *v, enum param p, struct param_value *out, struct arena *a,
                       struct situs_err *err)
{
    *out = (struct param_value){.given = true};
    switch (param_row(p)->type) {
    case PARAM_IS_FLAG:
        return json_as_bool(v, &out->flag, err);
    case PARAM_IS_NUM:
        return json_as_num(v, (int64_t)param_row(p)->least, (int64_t)param_row(p)->most, &out->num,
                           err);
    case PARAM_IS_HEX:
        return read_hex(v, p, out, a, err);
    case PARAM_IS_PLATFORM:
        return policy_platform_read(v, out, a, err);
    default:
        return read_list(v, p, out, a, err);
    }
}
