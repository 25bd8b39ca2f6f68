/* The attack matrix as text; see lab_matrix.h. */
#include "lab/attacks/lab_matrix.h"

#define GREEN "\033[32m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const char *ink(bool colour, const char *code)
{
    return colour ? code : "";
}

/* A judge's word, in a column of ten. */
static void word(struct lab_buf *b, enum lab_says says, bool good, bool colour)
{
    static const char *const words[] = {"refuses", "accepts", "-"};
    lab_buf_format(b, "%s%-10s%s",
                   ink(colour, says == LAB_SILENT ? PLAIN
                               : good             ? GREEN
                                                  : RED),
                   words[says], ink(colour, PLAIN));
}

static enum lab_says says(bool accepts)
{
    return accepts ? LAB_ACCEPTS : LAB_REFUSES;
}

void lab_matrix_head(struct lab_buf *b, bool colour)
{
    lab_buf_format(b, "%s%-46s%-10s%-10s%-10s%s%s\n", ink(colour, BOLD), "attack", "TEE", "article",
                   "situs", "refused by", ink(colour, PLAIN));
    lab_buf_format(b, "%-46s%-10s%-10s\n", "", "alone", "literally");
}

/* The rows that failed; when none did (evidence is absent), those that could not run. */
static void refused_by(struct lab_buf *b, const struct lab_ruling *r)
{
    lab_checks failed = 0;
    size_t said = 0, more = 0;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (r->result->findings.v[c].outcome == OUTCOME_FAIL)
            failed |= (lab_checks)1 << c;
    if (failed == 0)
        lab_buf_text(b, "absent: ");
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (!((failed ? failed : r->refusing) >> c & 1))
            continue;
        if (said == (failed ? 3 : 1)) {
            more++;
            continue;
        }
        lab_buf_format(b, "%s%s", said++ ? ", " : "", check_row(c)->id);
    }
    if (more)
        lab_buf_format(b, " +%zu", more);
}

void lab_matrix_line(struct lab_buf *b, const struct lab_attack_row *row,
                     const struct lab_ruling *r, bool colour)
{
    bool refused = row->outcome == LAB_REFUSED;
    char rc[48];
    lab_buf_format(b, "%-46s", row->name);
    if (!r) {
        lab_buf_format(b, "%-10s%-10s%-10snot yet: %s\n", "-", "-", "-", row->what);
        return;
    }
    word(b, r->tee, r->tee == LAB_REFUSES, colour);
    word(b, r->article, r->article == LAB_REFUSES, colour);
    word(b, says(r->situs), r->situs != refused, colour);
    if (!refused)
        lab_buf_format(b, "%snot defended%s: trusts %s", ink(colour, YELLOW), ink(colour, PLAIN),
                       row->party);
    else if (r->situs)
        lab_buf_format(b, "%snothing, which is wrong%s", ink(colour, RED), ink(colour, PLAIN));
    else if (lab_attacks_unread(row, r))
        lab_buf_format(b, "request: %s does not read", row->unread);
    else if (row->rc)
        lab_buf_format(b, "the TPM: %s", lab_attacks_rc(row->rc, rc));
    else
        refused_by(b, r);
    if (r->trip.seen > 0)
        lab_buf_format(b, " (round trip %.0f ms, honest %.0f ms)", r->trip.seen, r->trip.here);
    lab_buf_text(b, "\n");
    if (!lab_attacks_as_expected(row, r))
        lab_buf_format(b, "%s  this is not what attacks.def says%s\n", ink(colour, RED),
                       ink(colour, PLAIN));
}

void lab_matrix_round_trip(struct lab_buf *b, const struct lab_ruling *r)
{
    if (r->trip.seen > 0)
        lab_buf_format(b,
                       "round trip, challenge to evidence: %.0f ms; of the honest machine without "
                       "the attacker: %.0f ms. No verdict rests on it.\n",
                       r->trip.seen, r->trip.here);
}

static void check_line(struct lab_buf *b, enum check c, const struct finding *f)
{
    bool failed = f->outcome == OUTCOME_FAIL;
    lab_buf_format(b, "  %-8s%-20s%s\n", failed ? "FAIL" : "not run", check_row(c)->id,
                   check_row(c)->sentence);
    if (failed && f->why)
        lab_buf_format(b, "%30s%s: expected %s, got %s\n", "", f->why->field,
                       f->why->expected[0] ? f->why->expected : "otherwise",
                       f->why->got[0] ? f->why->got : "this");
}

/* What the TPM itself said. */
static void refusals(struct lab_buf *b, const struct lab_ruling *r)
{
    char rc[48];
    for (size_t i = 0; i < r->refused.n; i++)
        lab_buf_format(b, "  TPM     %s: %s\n", r->refused.v[i].what,
                       lab_attacks_rc(r->refused.v[i].rc, rc));
}

void lab_matrix_story(struct lab_buf *b, const struct lab_attack_row *row,
                      const struct lab_ruling *r, bool colour)
{
    lab_buf_format(b, "%s%s%s (%s)\n  %s.\n\n", ink(colour, BOLD), row->name, ink(colour, PLAIN),
                   lab_judge_title(row->scenario), row->what);
    lab_buf_text(b, "TEE attestation alone  ");
    word(b, r->tee, r->tee == LAB_REFUSES, colour);
    lab_buf_text(b, "\nthe article literally  ");
    word(b, r->article, r->article == LAB_REFUSES, colour);
    lab_buf_text(b, r->article == LAB_ACCEPTS ? "literal checks passed\n" : "\n");
    lab_buf_text(b, "situs                  ");
    word(b, says(r->situs), r->situs == (row->outcome == LAB_UNDEFENDED), colour);
    lab_buf_text(b, "\n");
    refusals(b, r);
    if (lab_attacks_unread(row, r))
        lab_buf_format(b, "  ERROR   %s: expected %s, got %s\n", r->result->err.part,
                       r->result->err.expected, r->result->err.got);
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (r->refusing >> c & 1)
            check_line(b, c, &r->result->findings.v[c]);
    if (row->outcome == LAB_UNDEFENDED)
        lab_buf_format(b, "  not defended: trusts %s\n", row->party);
    else
        lab_buf_format(b, "without exactly %s: %s\n", row->unread ? "this file" : "these",
                       r->without ? "trusted" : "still refused, which is wrong");
    lab_matrix_round_trip(b, r);
}
