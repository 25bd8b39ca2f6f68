/* The chain of the audit log; see audit_chain.h. */
#include "audit/audit_chain.h"

#include "base/text.h"

#define START(sha256) span_of((sha256), 16) /* as much as an error has room for */

static bool broken(const char *part, const char *field, size_t at, const char *expected,
                   const char *got, struct situs_err *err)
{
    err_fail(err, SITUS_MISMATCH, part, field, at, expected, got);
    return err_hint(
        err, "lines were changed, taken out or put in, or a file is missing: compare with a copy");
}

/* follows says that a line is the next of the chain; the first of all begins it, and line 1 follows none. */
static bool follows(struct audit_chain *c, const struct audit_head *before, const char *part,
                    size_t at, struct situs_err *err)
{
    static const struct audit_head none;
    const struct audit_head *want = c->lines ? &c->head : before->number ? before : &none;
    if (before->number != want->number)
        return broken(part, "n", at, TEXT_NUM(want->number + 1), TEXT_NUM(before->number + 1), err);
    if (memcmp(before->sha256, want->sha256, sizeof want->sha256) != 0)
        return broken(part, "prev", at, TEXT_HEX(START(want->sha256)),
                      TEXT_HEX(START(before->sha256)), err);
    return true;
}

static bool is_noted(struct audit_chain *c, const struct audit_head *head, const char *part,
                     size_t at, struct situs_err *err)
{
    if (c->noted.number == 0 || head->number != c->noted.number)
        return true;
    c->met = memcmp(head->sha256, c->noted.sha256, sizeof head->sha256) == 0;
    return c->met || broken(part, "noted", at, TEXT_HEX(START(c->noted.sha256)),
                            TEXT_HEX(START(head->sha256)), err);
}

static bool add_line(struct audit_chain *c, struct span line, const char *part, size_t offset,
                     struct situs_err *err)
{
    struct audit_head before, head;
    struct situs_err why = {0};
    int64_t at;
    if (!audit_line_read(line, part, &before, &head, &at, &why)) {
        err_fail(err, why.code, part, why.field[0] ? why.field : "line", offset, why.expected,
                 why.got);
        return err_hint(err, "this is no line of an audit log as situs writes it: PROTOCOLS.md");
    }
    if (!follows(c, &before, part, offset, err) || !is_noted(c, &head, part, offset, err))
        return false;
    if (c->lines == 0) {
        c->before = before;
        c->first_at = at;
    }
    c->head = head;
    c->last_at = at;
    c->lines++;
    return true;
}

bool audit_chain_add(struct audit_chain *c, struct span file, const char *part,
                     struct situs_err *err)
{
    c->line = 0;
    for (size_t at = 0; at < file.n;) {
        const uint8_t *end = memchr(file.p + at, '\n', file.n - at);
        c->line++;
        if (!end) {
            err_fail(err, SITUS_TOO_SHORT, part, "line", at, "a line that ends",
                     TEXT_BYTES(file.n - at));
            return err_hint(
                err,
                "whoever wrote it was ended: the service takes such a line away when it starts");
        }
        size_t n = (size_t)(end - (file.p + at));
        if (!add_line(c, span_of(file.p + at, n), part, at, err))
            return false;
        at += n + 1;
    }
    return true;
}
