/*
 * Size and order of the structs of include/situs.h are fixed for the life of a soname: this is how
 * they are in soname 0, on machines with 64-bit pointers. Who must change a number here must change
 * the soname. A member may take the place of reserved words: then reserved moves, and nothing else.
 */
#include "situs.h"
#include "support/test.h"

#define STRUCT(type, size)               \
    {                                    \
#type, sizeof(struct type), size \
    }
#define MEMBER(type, member, at)                             \
    {                                                        \
#type "." #member, offsetof(struct type, member), at \
    }

static const struct {
    const char *name;
    size_t is, was;
} places[] = {
    STRUCT(situs_err, 656),
    MEMBER(situs_err, part, 4),
    MEMBER(situs_err, field, 44),
    MEMBER(situs_err, at, 128),
    MEMBER(situs_err, expected, 136),
    MEMBER(situs_err, got, 296),
    MEMBER(situs_err, hint, 456),
    STRUCT(situs_memory, 16),
    MEMBER(situs_memory, size, 8),
    STRUCT(situs_item, 24),
    MEMBER(situs_item, p, 8),
    MEMBER(situs_item, size, 16),
    STRUCT(situs_seen, 40),
    MEMBER(situs_seen, anchor, 8),
    MEMBER(situs_seen, subject, 16),
    MEMBER(situs_seen, facility, 24),
    MEMBER(situs_seen, number, 32),
    STRUCT(situs_round_trips, 24),
    MEMBER(situs_round_trips, least_us, 8),
    MEMBER(situs_round_trips, median_us, 16),
    STRUCT(situs_span, 48),
    MEMBER(situs_span, until, 8),
    MEMBER(situs_span, within_ms, 16),
    MEMBER(situs_span, longest_gap_ms, 24),
    MEMBER(situs_span, reserved, 32),
    STRUCT(situs_request, 288),
    MEMBER(situs_request, ccel, 24),
    MEMBER(situs_request, pcr_log, 48),
    MEMBER(situs_request, nonce, 72),
    MEMBER(situs_request, channel, 96),
    MEMBER(situs_request, endorsements, 120),
    MEMBER(situs_request, list_seen, 128),
    MEMBER(situs_request, n_list_seen, 136),
    MEMBER(situs_request, trust, 144),
    MEMBER(situs_request, policy, 152),
    MEMBER(situs_request, snapshot, 160),
    MEMBER(situs_request, context, 168),
    MEMBER(situs_request, at, 176),
    MEMBER(situs_request, archived, 184),
    MEMBER(situs_request, round_trip_us, 192),
    MEMBER(situs_request, round_trips, 200),
    MEMBER(situs_request, warn_days, 224),
    MEMBER(situs_request, early, 232),
    MEMBER(situs_request, span, 240),
    MEMBER(situs_request, reserved, 248),
    STRUCT(situs_poe_request, 176),
    MEMBER(situs_poe_request, piid, 24),
    MEMBER(situs_poe_request, crls, 48),
    MEMBER(situs_poe_request, n_crls, 56),
    MEMBER(situs_poe_request, revocations, 64),
    MEMBER(situs_poe_request, n_revocations, 72),
    MEMBER(situs_poe_request, list_seen, 80),
    MEMBER(situs_poe_request, n_list_seen, 88),
    MEMBER(situs_poe_request, trust, 96),
    MEMBER(situs_poe_request, at, 104),
    MEMBER(situs_poe_request, reserved, 112),
    STRUCT(situs_token_request, 224),
    MEMBER(situs_token_request, keys, 24),
    MEMBER(situs_token_request, issuer, 48),
    MEMBER(situs_token_request, audience, 56),
    MEMBER(situs_token_request, policy_sha256, 64),
    MEMBER(situs_token_request, require, 88),
    MEMBER(situs_token_request, n_require, 96),
    MEMBER(situs_token_request, nonce, 104),
    MEMBER(situs_token_request, channel, 128),
    MEMBER(situs_token_request, at, 152),
    MEMBER(situs_token_request, reserved, 160),
    STRUCT(situs_check, 88),
    MEMBER(situs_check, sentence, 8),
    MEMBER(situs_check, source, 16),
    MEMBER(situs_check, outcome, 24),
    MEMBER(situs_check, refuses, 28),
    MEMBER(situs_check, proofs, 32),
    MEMBER(situs_check, reason, 40),
    MEMBER(situs_check, why, 48),
    MEMBER(situs_check, reserved, 56),
    STRUCT(situs_error, 704),
    MEMBER(situs_error, outcome, 8),
    MEMBER(situs_error, refuses, 12),
    MEMBER(situs_error, why, 16),
    MEMBER(situs_error, reserved, 672),
    STRUCT(situs_proof, 56),
    MEMBER(situs_proof, sentence, 8),
    MEMBER(situs_proof, required, 16),
    MEMBER(situs_proof, holds, 17),
    MEMBER(situs_proof, held_as_of, 18),
    MEMBER(situs_proof, reserved, 24),
    STRUCT(situs_party, 64),
    MEMBER(situs_party, name, 8),
    MEMBER(situs_party, sentence, 16),
    MEMBER(situs_party, proofs, 24),
    MEMBER(situs_party, reserved, 32),
};

static void structs_are_as_soname_0_has_them(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip();
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].is != places[i].was)
            fail_msg("%s: %zu, was %zu", places[i].name, places[i].is, places[i].was);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structs_are_as_soname_0_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
