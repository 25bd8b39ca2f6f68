/* Numbers seen before; see seen.h. */
#include "model/seen.h"

#include "base/text.h"

static const struct {
    const char *word;
    enum anchor_use use;
} kinds[] = {
#define X(word, use) {word, ANCHOR_##use},
    SEEN_KINDS(X)
#undef X
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static bool speaks_of(const struct situs_seen *s, const struct seen_list *list)
{
    if (strcmp(s->kind, list->kind) != 0 ||
        (s->facility && !span_equal(span_text(s->facility), list->facility)))
        return false;
    return s->subject ? span_equal(span_text(s->subject), list->subject)
                      : strcmp(s->anchor, list->anchor) == 0;
}

const struct situs_seen *seen_find(struct seen seen, const struct seen_list *list)
{
    const struct situs_seen *highest = NULL;
    for (size_t i = 0; i < seen.n; i++)
        if (speaks_of(&seen.v[i], list) && (!highest || seen.v[i].number > highest->number))
            highest = &seen.v[i];
    return highest;
}

const char *seen_hint(const struct situs_seen *entry, const struct seen_list *list, uint64_t floor)
{
    if (entry && entry->number == floor && strcmp(entry->anchor, list->anchor) != 0)
        return "that number is of a signer of this name under another anchor: get the newest list, "
               "or leave SUBJECT out of --list-seen if they are two signers";
    return "get the signer's newest list";
}

static bool is_anchor(const struct trust *trust, enum anchor_use use, const char *name)
{
    for (size_t i = 0; i < trust->n; i++)
        if (trust->anchors[i].uses & use && strcmp(trust->anchors[i].name, name) == 0)
            return true;
    return false;
}

static bool fail(enum situs_code code, const char *field, const char *expected, const char *got,
                 const char *hint, struct situs_err *err)
{
    err_fail(err, code, "request", field, SITUS_NO_OFFSET, expected, TEXT_CUT(span_text(got)));
    return err_hint(err, hint);
}

static bool is_known(const struct situs_seen *s, const struct trust *trust, const char *field,
                     struct situs_err *err)
{
    size_t kind = 0;
    while (kind < KIND_COUNT && (!s->kind || strcmp(kinds[kind].word, s->kind) != 0))
        kind++;
    if (kind == KIND_COUNT)
        return fail(SITUS_UNKNOWN, field, "a kind of list", s->kind ? s->kind : "none",
                    "kinds are: ppid, chip_id, revocation", err);
    if (!s->anchor || !is_anchor(trust, kinds[kind].use, s->anchor))
        return fail(SITUS_UNKNOWN, field, "the name of an anchor for this use",
                    s->anchor ? s->anchor : "none",
                    "signers stand under anchors, called as the trust file calls them", err);
    if (s->facility && (kinds[kind].use != ANCHOR_LIST || !s->facility[0]))
        return fail(SITUS_MALFORMED, field, "the facility of a machine list", s->facility,
                    "only machine lists have a facility: leave it out of others", err);
    if (s->subject && !strchr(s->subject, '=')) /* X509_NAME_print_ex always writes one */
        return fail(SITUS_MALFORMED, field, "the subject of a certificate, as CN=NAME", s->subject,
                    "copy it from the report: list.seen or poe.revocation_seen", err);
    return s->number > 0 || fail(SITUS_MALFORMED, field, "a number of 1 or more", "0",
                                 "lists are numbered from 1", err);
}

bool seen_known(struct seen seen, const struct trust *trust, const char *field,
                struct situs_err *err)
{
    for (size_t i = 0; i < seen.n; i++)
        if (!is_known(&seen.v[i], trust, field, err))
            return false;
    return true;
}

static void write_name(struct wr *w, struct span name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                ".-_,@+";
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] && strchr(plain, name.p[i]))
            wr_u8(w, name.p[i]);
        else
            wr_format(w, "%%%02X", name.p[i]);
}

void seen_write(struct wr *w, const struct seen_list *list, uint64_t number)
{
    wr_format(w, "%s:", list->kind);
    write_name(w, span_text(list->anchor));
    wr_text(w, "/");
    write_name(w, list->subject);
    if (list->facility.n) {
        wr_text(w, "=");
        write_name(w, list->facility);
    }
    wr_format(w, "=%llu", (unsigned long long)number);
}
