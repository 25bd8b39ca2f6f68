/* Every rule on ownership endorsements has bytes that break it alone (N79 to N84, and the published
 * fixtures); what the draft says to ignore is ignored. */
#include "support/test.h"

#include "base/text.h"
#include "base/wr.h"
#include "support/poe_run.h"

#define PIID_16 "00112233445566778899aabbccddeeff"
#define KEY_2_URI "0281a100d820617a" /* dependent-rims */

static const struct {
    const char *name;
    struct poe_change change[4];
    size_t n;
} good[] = {
    {"golden", {{POE_TAG, "d2"}}, 1},
    {"fwdcompat",
     {{POE_Y_HEAD, "a6"},
      {POE_Y_EXTRA, KEY_2_URI "0581a20061650281"
                              "01"}},
     2},
    {"text id", {{POE_Y_ID, "00636f6e65"}}, 1},
    {"text tag-id", {{POE_C_ID, "01a100636f6e65"}}, 1},
    {"leaf only", {{POE_U_CHAIN, "leaf"}}, 1},
    {"ES384", {{POE_P_ALG, "013822"}}, 1},
    {"kid unprotected",
     {{POE_P_HEAD, "a3"}, {POE_P_KID, ""}, {POE_U_HEAD, "a2"}, {POE_U_KID, "kid"}},
     4},
    {"base binds", {{POE_Y_HEAD, "a5"}, {POE_Y_EXTRA, "028141ff"}}, 2},
    {"a later minor",
     {{POE_Y_PROFILE, "03d820781f7461673a696e74656c2e636f6d2c323032363a7465652e706f"
                      "6523312e3132"}},
     1},
    {"a refresh URI",
     {{POE_P_HEAD, "a5"},
      {POE_P_URI, "6f7465652e726566726573682d757269d820636"
                  "13a62"}},
     2},
    {"corim-meta and unknown labels",
     {{POE_P_HEAD, "a6"}, {POE_P_EXTRA, "0841a06178fb3ff199999999999a"}},
     2},
    {"unknown unprotected labels", {{POE_U_HEAD, "a2"}, {POE_U_EXTRA, "1863f7"}}, 2},
    {"keys in another order",
     {{POE_Y_ID, "04a201c11a6956b74000c11a6955b900"},
      {POE_Y_VALIDITY, "005000000000000080008000000000000001"}},
     2},
    {"other environment keys",
     {{POE_R_COND, "8182a200a20"
                   "1617600d86f4c6086480186f84d010d0206010141ee"}},
     1},
    {"32-byte PIID",
     {{POE_R_PIID, "38645820"
                   "00112233445566778899aabbccddeeff"
                   "00112233445566778899aabbccddeeff"}},
     1},
    {"mkey",
     {{POE_R_COND_MAP, "81a2006178"
                       "01a1"}},
     1},
    {"unknown values", {{POE_R_COND_MAP, "81a101a2"}, {POE_R_COND_EXTRA, "00f5"}}, 2},
    {"integral float time", {{POE_Y_VALIDITY, "04a200c1fb41da556e4000000001c11a6956b740"}}, 1},
    {"unknown kinds of triple", {{POE_C_TRIPLES, "04a30a81"}, {POE_C_EXTRA, "186380617880"}}, 2},
    {"tag-version and CoMID entities",
     {{POE_C_HEAD, "a3"},
      {POE_C_ID, "01a20050000000000000800080000000000000020101"},
      {POE_C_EXTRA, "0581a1006178"}},
     3},
    {"CWT claims besides",
     {{POE_P_CWT, "0fa201626d650261"
                  "78"}},
     1},
};

static void what_the_draft_allows_holds(void **state)
{
    (void)state;
    static struct run r;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        start(&r);
        struct span bytes = make_poe(good[i].change, good[i].n);
        struct situs_err err = {0};
        if (!poe_read(&r.poe, bytes, "poe", &err))
            print_error("%s: %s at %zu: %s, got %s\n", good[i].name, err.field, err.at,
                        err.expected, err.got);
        verify(&r, bytes);
        if (!r.claims.authority)
            print_error("%s\n", good[i].name);
        assert_ptr_equal(r.claims.authority, &r.anchor);
        assert_true(span_equal(r.claims.v[CLAIM_OWNER].bytes, SPAN_LIT("owner")));
    }
}

/* at: the piece at whose begin, plus add, the error is. POE_PIECES: it has no offset. */
static const struct {
    struct poe_change change[4];
    size_t n;
    enum situs_code code;
    const char *field;
    enum poe_piece at;
    size_t add;
} bad[] = {
    /* N84: the envelope */
    {{{POE_TAG, ""}}, 1, SITUS_MALFORMED, "cose.tag", POE_TAG, 0},
    {{{POE_TAG, "d2d2"}}, 1, SITUS_MALFORMED, "cose", POE_TAG, 1},
    {{{POE_TAG, "d1"}}, 1, SITUS_MISMATCH, "cose.tag", POE_TAG, 0},
    {{{POE_OUTER, "85"}}, 1, SITUS_MALFORMED, "cose", POE_OUTER, 0},
    {{{POE_AFTER, "00"}}, 1, SITUS_TRAILING, "cose", POE_AFTER, 0},
    /* N79: a payload that is elsewhere, or of another type */
    {{{POE_PAYLOAD, "f6"}}, 1, SITUS_MALFORMED, "payload", POE_PAYLOAD, 0},
    {{{POE_PAYLOAD, "40"}}, 1, SITUS_TOO_SHORT, "corim.tag", POE_PAYLOAD, 1},
    {{{POE_PAYLOAD, "a0"}}, 1, SITUS_MALFORMED, "payload", POE_PAYLOAD, 0},
    /* N79: headers */
    {{{POE_P_HEAD, "a5"}, {POE_P_EXTRA, "0280"}},
     2,
     SITUS_UNSUPPORTED,
     "protected.crit",
     POE_P_EXTRA,
     1},
    {{{POE_P_HEAD, "a5"}, {POE_P_EXTRA, "028104"}},
     2,
     SITUS_UNSUPPORTED,
     "protected.crit",
     POE_P_EXTRA,
     1},
    {{{POE_P_ALG, "0126"}}, 1, SITUS_NOT_ALLOWED, "protected.alg", POE_P_ALG, 1},
    {{{POE_P_ALG, "0127"}}, 1, SITUS_NOT_ALLOWED, "protected.alg", POE_P_ALG, 1},
    {{{POE_P_HEAD, "a3"}, {POE_P_ALG, ""}, {POE_U_HEAD, "a2"}, {POE_U_EXTRA, "013832"}},
     4,
     SITUS_MISSING,
     "protected.alg",
     POE_PIECES,
     0},
    {{{POE_U_HEAD, "a2"}, {POE_U_EXTRA, "013832"}},
     2,
     SITUS_NOT_ALLOWED,
     "unprotected",
     POE_U_EXTRA,
     1},
    {{{POE_P_HEAD, "a5"}, {POE_P_EXTRA, "013832"}},
     2,
     SITUS_DUPLICATE,
     "protected",
     POE_P_EXTRA,
     0},
    {{{POE_P_TYPE, "03626162"}}, 1, SITUS_MISMATCH, "protected.content_type", POE_P_TYPE, 1},
    {{{POE_P_HEAD, "a3"}, {POE_P_TYPE, ""}},
     2,
     SITUS_MISSING,
     "protected.content_type",
     POE_PIECES,
     0},
    {{{POE_P_HEAD, "a3"}, {POE_P_KID, ""}}, 2, SITUS_MISSING, "kid", POE_PIECES, 0},
    {{{POE_U_HEAD, "a2"}, {POE_U_KID, "kid"}}, 2, SITUS_DUPLICATE, "unprotected.kid", POE_U_KID, 1},
    {{{POE_P_KID, "044101"}}, 1, SITUS_MALFORMED, "protected.kid", POE_P_KID, 1},
    {{{POE_P_HEAD, "a3"}, {POE_P_CWT, ""}},
     2,
     SITUS_MISSING,
     "protected.cwt_claims.iss",
     POE_PIECES,
     0},
    {{{POE_P_CWT, "0fa0"}}, 1, SITUS_MISSING, "protected.cwt_claims.iss", POE_PIECES, 0},
    /* N82 */
    {{{POE_P_CWT, "0fa201626d650401"}},
     1,
     SITUS_NOT_ALLOWED,
     "protected.cwt_claims.exp",
     POE_P_CWT,
     7},
    {{{POE_P_CWT, "0fa201626d650501"}},
     1,
     SITUS_NOT_ALLOWED,
     "protected.cwt_claims.nbf",
     POE_P_CWT,
     7},
    {{{POE_Y_VALIDITY, "04a100c11a6955b900"}},
     1,
     SITUS_MISSING,
     "corim.rim_validity.not_after",
     POE_PIECES,
     0},
    {{{POE_Y_VALIDITY, "04a101c11a6955b900"}},
     1,
     SITUS_MISSING,
     "corim.rim_validity.not_before",
     POE_PIECES,
     0},
    {{{POE_Y_HEAD, "a3"}, {POE_Y_VALIDITY, ""}},
     2,
     SITUS_MISSING,
     "corim.rim_validity",
     POE_PIECES,
     0},
    {{{POE_Y_VALIDITY, "04a2001a6955b90001c11a6956b740"}},
     1,
     SITUS_MALFORMED,
     "corim.rim_validity.not_before",
     POE_Y_VALIDITY,
     3},
    {{{POE_Y_VALIDITY, "04a200c12001c11a6956b740"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.rim_validity.not_before",
     POE_Y_VALIDITY,
     3},
    {{{POE_Y_VALIDITY, "04a200c1fb3ff800000000000001c11a6956b740"}},
     1,
     SITUS_MALFORMED,
     "corim.rim_validity.not_before",
     POE_Y_VALIDITY,
     4},
    {{{POE_Y_VALIDITY, "04a200c1f97e0001c11a6956b740"}},
     1,
     SITUS_MALFORMED,
     "corim.rim_validity.not_before",
     POE_Y_VALIDITY,
     4},
    {{{POE_Y_VALIDITY, "04a200c11a6955b90001c11b0000003afff44180"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.rim_validity.not_after",
     POE_Y_VALIDITY,
     10},
    /* N83: forms of the chain */
    {{{POE_U_CHAIN, "one"}}, 1, SITUS_MALFORMED, "unprotected.x5chain", POE_U_CHAIN, 2},
    {{{POE_U_HEAD, "a0"}, {POE_U_CHAIN, ""}},
     2,
     SITUS_MISSING,
     "unprotected.x5chain",
     POE_PIECES,
     0},
    /* N79, N84: profile and payload */
    {{{POE_Y_PROFILE, "03781e7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e30"}},
     1,
     SITUS_MALFORMED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_PROFILE, "03d820781e7461673a696e74656c2e636f6d2c323032363a7465652e706f6523322e30"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_PROFILE, "03d820781f7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e3031"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_PROFILE, "03d820781f7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e3030"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_PROFILE, "03d820781f7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e3161"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_PROFILE, "03d820781f7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e6131"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_PROFILE, "03d820781d7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e"}},
     1,
     SITUS_UNSUPPORTED,
     "corim.profile",
     POE_Y_PROFILE,
     1},
    {{{POE_Y_HEAD, "a3"}, {POE_Y_PROFILE, ""}}, 2, SITUS_MISSING, "corim.profile", POE_PIECES, 0},
    {{{POE_Y_TAG, ""}}, 1, SITUS_MALFORMED, "corim.tag", POE_Y_TAG, 0},
    {{{POE_Y_TAG, "d901f4"}}, 1, SITUS_MISMATCH, "corim.tag", POE_Y_TAG, 0},
    {{{POE_Y_HEAD, "a5"}, {POE_Y_EXTRA, "0041ff"}}, 2, SITUS_DUPLICATE, "corim", POE_Y_EXTRA, 0},
    {{{POE_Y_HEAD, "a3"}, {POE_Y_ID, ""}}, 2, SITUS_MISSING, "corim.id", POE_PIECES, 0},
    {{{POE_Y_ID, "0041ff"}}, 1, SITUS_MALFORMED, "corim.id", POE_Y_ID, 1},
    {{{POE_Y_ID, "0060"}}, 1, SITUS_MALFORMED, "corim.id", POE_Y_ID, 1},
    {{{POE_Y_EXTRA, "00"}}, 1, SITUS_TRAILING, "corim", POE_Y_EXTRA, 0},
    /* N80: one of everything, and nothing more */
    {{{POE_Y_TAGS, "0182d901fa"}}, 1, SITUS_DUPLICATE, "corim.tags", POE_Y_TAGS, 1},
    {{{POE_Y_TAGS, "0181d901f9"}}, 1, SITUS_MISMATCH, "corim.tags", POE_Y_TAGS, 2},
    {{{POE_C_TRIPLES, "04a10a82"}}, 1, SITUS_DUPLICATE, "comid.triples", POE_C_TRIPLES, 3},
    {{{POE_C_TRIPLES, "04a20a81"}, {POE_C_EXTRA, "0080"}},
     2,
     SITUS_UNSUPPORTED,
     "comid.triples",
     POE_C_EXTRA,
     0},
    {{{POE_C_TRIPLES, "04a20a81"}, {POE_C_EXTRA, "0a80"}},
     2,
     SITUS_DUPLICATE,
     "comid.triples",
     POE_C_EXTRA,
     0},
    {{{POE_C_TRIPLES, "04a0"}}, 1, SITUS_MISSING, "comid.triples", POE_PIECES, 0},
    {{{POE_C_TRIPLES, "04a10a80"}}, 1, SITUS_MISSING, "comid.triples", POE_C_TRIPLES, 3},
    {{{POE_C_TRIPLES, "04a1186381"}}, 1, SITUS_MISSING, "comid.triples", POE_PIECES, 0},
    {{{POE_C_HEAD, "a1"}, {POE_C_TRIPLES, ""}}, 2, SITUS_MISSING, "comid.triples", POE_PIECES, 0},
    {{{POE_Y_TAGS, "0180"}}, 1, SITUS_MISSING, "corim.tags", POE_Y_TAGS, 1},
    {{{POE_C_TRIPLES, "04a10181"}}, 1, SITUS_UNSUPPORTED, "comid.triples", POE_C_TRIPLES, 2},
    {{{POE_C_HEAD, "a1"}, {POE_C_ID, ""}}, 2, SITUS_MISSING, "comid.tag_identity", POE_PIECES, 0},
    {{{POE_R_HEAD, "83"}}, 1, SITUS_MALFORMED, "comid.record", POE_R_HEAD, 0},
    {{{POE_R_COND, "8282a100a100d86f4c6086480186f84d010d020601"}},
     1,
     SITUS_DUPLICATE,
     "condition",
     POE_R_COND,
     0},
    {{{POE_R_END, "8282a100a100d86f4c6086480186f84d010d020c01"}},
     1,
     SITUS_DUPLICATE,
     "endorsement",
     POE_R_END,
     0},
    {{{POE_R_COND_MAP, "81a201a1"}, {POE_R_COND_EXTRA, "0280"}},
     2,
     SITUS_NOT_ALLOWED,
     "condition.authorized_by",
     POE_R_COND_EXTRA,
     0},
    {{{POE_R_END_MAP, "81a201a1"}, {POE_R_END_EXTRA, "0280"}},
     2,
     SITUS_NOT_ALLOWED,
     "endorsement.authorized_by",
     POE_R_END_EXTRA,
     0},
    {{{POE_R_COND_MAP, "a101a1"}}, 1, SITUS_MALFORMED, "condition.measurements", POE_R_COND_MAP, 0},
    {{{POE_R_END_MAP, "a101a1"}}, 1, SITUS_MALFORMED, "endorsement.measurements", POE_R_END_MAP, 0},
    {{{POE_R_COND_MAP, "82a101a1"}},
     1,
     SITUS_DUPLICATE,
     "condition.measurements",
     POE_R_COND_MAP,
     0},
    {{{POE_R_COND, "8182a100a100d86f4c6086480186f84d010d020c01"}},
     1,
     SITUS_MISMATCH,
     "condition.environment",
     POE_R_COND,
     6},
    {{{POE_R_END, "8182a100a100d86f4c6086480186f84d010d020601"}},
     1,
     SITUS_MISMATCH,
     "endorsement.environment",
     POE_R_END,
     6},
    {{{POE_R_COND, "8182a100a1004c6086480186f84d010d020601"}},
     1,
     SITUS_MALFORMED,
     "condition.environment",
     POE_R_COND,
     6},
    {{{POE_R_COND, "8182a100a0"}}, 1, SITUS_MISSING, "condition.environment", POE_PIECES, 0},
    /* N81: sizes of the PIID */
    {{{POE_R_PIID, "38644f112233445566778899aabbccddeeff"}},
     1,
     SITUS_MALFORMED,
     "condition.piid",
     POE_R_PIID,
     2},
    {{{POE_R_PIID, "3864510000112233445566778899aabbccddeeff"}},
     1,
     SITUS_MALFORMED,
     "condition.piid",
     POE_R_PIID,
     2},
    {{{POE_R_PIID, "386440"}}, 1, SITUS_MALFORMED, "condition.piid", POE_R_PIID, 2},
    {{{POE_R_PIID, "3864581f" PIID_16 "00112233445566778899aabbccddee"}},
     1,
     SITUS_MALFORMED,
     "condition.piid",
     POE_R_PIID,
     2},
    {{{POE_R_PIID, "38645821" PIID_16 PIID_16 "00"}},
     1,
     SITUS_MALFORMED,
     "condition.piid",
     POE_R_PIID,
     2},
    {{{POE_R_PIID, "38655000112233445566778899aabbccddeeff"}},
     1,
     SITUS_MISSING,
     "condition.piid",
     POE_PIECES,
     0},
    /* the owner's name */
    {{{POE_R_OWNER, "39019060"}}, 1, SITUS_MALFORMED, "endorsement.owner_name", POE_R_OWNER, 3},
    {{{POE_R_OWNER, "39019062c328"}}, 1, SITUS_MALFORMED, "endorsement.owner_name", POE_R_OWNER, 3},
    {{{POE_R_OWNER, "390190456f776e6572"}},
     1,
     SITUS_MALFORMED,
     "endorsement.owner_name",
     POE_R_OWNER,
     3},
    {{{POE_R_END_MAP, "81a101a2"}, {POE_R_END_EXTRA, "3901906178"}},
     2,
     SITUS_DUPLICATE,
     "endorsement.values",
     POE_R_END_EXTRA,
     0},
    /* encodings */
    {{{POE_R_OWNER, "3901907f616fff"}},
     1,
     SITUS_UNSUPPORTED,
     "endorsement.owner_name",
     POE_R_OWNER,
     3},
    {{{POE_Y_HEAD, "b804"}}, 1, SITUS_MALFORMED, "corim", POE_Y_HEAD, 0},
};

static void what_breaks_a_rule_is_not_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct poe p;
        struct situs_err err = {0};
        struct span bytes = make_poe(bad[i].change, bad[i].n);
        size_t at = bad[i].at == POE_PIECES ? SITUS_NO_OFFSET : make_poe_at(bad[i].at) + bad[i].add;
        if (poe_read(&p, bytes, "poe", &err) || err.code != bad[i].code || err.at != at ||
            strcmp(err.field, bad[i].field) != 0)
            print_error("case %zu (%s): %s %s at %zu, expected %s got %s\n", i, bad[i].field,
                        err_code_name(err.code), err.field, err.at, err.expected, err.got);
        expect_err(err, bad[i].code, bad[i].field, at);
        assert_true(p.alg == 0 && p.owner.p == NULL);
    }
}

/* Bytes are counted, not characters (section 4.4). */
static void an_owners_name_has_1024_bytes_at_most(void **state)
{
    (void)state;
    static const struct {
        const char *head, *unit;
        size_t times;
        bool reads;
    } cases[] = {
        {"390190790400", "61", 1024, true},
        {"390190790400", "c3a9", 512, true},
        {"390190790401", "61", 1025, false},
        {"390190790402", "c3a9", 513, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hex[2200];
        struct situs_err err = {0};
        struct poe p;
        struct wr w = wr_new(hex, sizeof hex - 1);
        wr_text(&w, cases[i].head);
        for (size_t k = 0; k < cases[i].times; k++)
            wr_text(&w, cases[i].unit);
        hex[w.n] = 0;
        struct span bytes = make_poe((struct poe_change[]){{POE_R_OWNER, hex}}, 1);
        assert_int_equal(poe_read(&p, bytes, "poe", &err), cases[i].reads);
        if (!cases[i].reads)
            expect_err(err, SITUS_MALFORMED, "endorsement.owner_name",
                       make_poe_at(POE_R_OWNER) + 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_draft_allows_holds),
        cmocka_unit_test(an_owners_name_has_1024_bytes_at_most),
        cmocka_unit_test(what_breaks_a_rule_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
