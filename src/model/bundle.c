/* The items of a bundle and their rules; see bundle.h. */
#include "model/bundle.h"

#include <stdio.h>

#include "base/text.h"

static const struct item_row rows[] = {
#define KIND(name, type, labels, ind) {"application/" type, labels, ind},
#include "model/kinds.def"
#undef KIND
};

const struct item_row *item_row(enum item_kind kind)
{
    return &rows[kind];
}

/* Says that word is one of the words of list, which has one space between. */
static bool in_list(const char *list, struct span word)
{
    while (*list) {
        size_t n = strcspn(list, " ");
        if (span_equal(span_of(list, n), word))
            return true;
        list += n + (list[n] == ' ');
    }
    return false;
}

enum item_kind item_kind_of(const char *label)
{
    for (enum item_kind k = 0; k < ITEM_KIND_COUNT; k++)
        if (in_list(rows[k].labels, span_text(label)))
            return k;
    return ITEM_KIND_COUNT;
}

/* Labels are printed and typed: letters, digits, dot, dash and underline. */
static bool is_label(const char *label)
{
    size_t n = strlen(label);
    return n && n <= BUNDLE_LABEL_MAX && label[0] != '_' &&
           strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n;
}

static bool fail(enum situs_code code, const char *label, const char *member, const char *expected,
                 const char *got, struct situs_err *err)
{
    char field[80];
    snprintf(field, sizeof field, "%.*s%s", BUNDLE_LABEL_MAX, label, member);
    return err_fail(err, code, BUNDLE_PART, field, SITUS_NO_OFFSET, expected, got);
}

bool bundle_add(struct bundle *b, const char *label, enum item_kind kind, struct span value,
                struct situs_err *err)
{
    if (!is_label(label))
        return fail(SITUS_MALFORMED, "label", "", "1 to 39 letters, digits, dots or dashes",
                    TEXT_CUT(span_text(label)), err);
    if (bundle_find(b, label))
        return fail(SITUS_DUPLICATE, label, "", "each label once", label, err);
    enum item_kind of = item_kind_of(label);
    if (of != ITEM_KIND_COUNT && of != kind)
        return fail(SITUS_MISMATCH, label, ".type", rows[of].type, rows[kind].type, err);
    if (of == ITEM_KIND_COUNT && rows[kind].labels[0])
        return fail(SITUS_UNKNOWN, label, "", rows[kind].labels, label, err);
    if (!value.n)
        return fail(SITUS_TOO_SHORT, label, ".value", "some bytes", "none", err);
    if (b->n == LIMIT_BUNDLE_ITEMS)
        return fail(SITUS_TOO_LONG, label, "", TEXT_NUM(LIMIT_BUNDLE_ITEMS), "more items", err);
    b->item[b->n++] = (struct item){label, kind, value, false};
    return true;
}

struct item *bundle_find(struct bundle *b, const char *label)
{
    for (size_t i = 0; i < b->n; i++)
        if (strcmp(b->item[i].label, label) == 0)
            return &b->item[i];
    return NULL;
}

void bundle_used(struct item *item)
{
    item->used = true;
}

bool bundle_all_used(const struct bundle *b, struct situs_err *err)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->item[i].used)
            continue;
        fail(SITUS_UNKNOWN, b->item[i].label, "", "an item that this appraisal reads",
             rows[b->item[i].kind].type, err);
        return err_hint(err, "leave the item out: evidence that nobody reads proves nothing");
    }
    return true;
}
