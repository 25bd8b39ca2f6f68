/*
 * make_token_files DIR: token.jwt and token384.jwt with their key sets jwks.json and jwks384.json, a
 * token of a simulated machine (simulated.jwt, jwks-simulated.json) and one for any bearer
 * (bearer.jwt), the peer's key (channel.der) and "policy nonce time" in facts.txt.
 */
#include "base/text.h"
#include "support/make_token.h"
#include "support/test.h"

#include <stdio.h>

static const char *folder;

static void put(const char *name, struct span bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
        fail_msg("%s cannot be written", path);
}

static void put_pair(const struct make_token *t, const char *token, const char *keys)
{
    put(token, span_text(t->text));
    put(keys, span_text(t->keys));
}

static void write_all(void **state)
{
    (void)state;
    static struct make_token t, t384, simulated;
    char facts[256];
    make_token_new(&t, false, 256);
    make_token_new(&t384, false, 384);
    make_token_new(&simulated, true, 256);
    put_pair(&t, "token.jwt", "jwks.json");
    put_pair(&t384, "token384.jwt", "jwks384.json");
    put_pair(&simulated, "simulated.jwt", "jwks-simulated.json");
    put("channel.der", t.machine.channel);
    snprintf(facts, sizeof facts, "%s %s %lld\n", TEXT_HEX(SPAN_ARR(t.record.policy)),
             TEXT_HEX(SPAN_ARR(t.party_nonce)), (long long)t.facts.now);
    put("facts.txt", span_text(facts));
    t.facts.bearer = true;
    t.facts.party_nonce_size = 0;
    make_token_again(&t);
    put("bearer.jwt", span_text(t.text));
    make_token_free(&t);
    make_token_free(&t384);
    make_token_free(&simulated);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(write_all)};
    folder = argc == 2 ? argv[1] : ".";
    return cmocka_run_group_tests(all, NULL, NULL);
}
