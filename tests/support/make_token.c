/* Tokens for tests; see make_token.h. */
#include "support/make_token.h"

#include "codec/base64url.h"
#include "support/test.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdlib.h>

static void expect_no_error(bool ok, const struct situs_err *err)
{
    if (!ok)
        fail_msg("%s %s %s: expected %s, got %s", situs_code_name(err->code), err->part, err->field,
                 err->expected, err->got);
}

struct sign_key *make_token_key(unsigned bits)
{
    EVP_PKEY *key = EVP_EC_gen(bits == 384 ? "P-384" : "P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    struct situs_err err;
    assert_true(key && bio);
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    long n = BIO_get_mem_data(bio, &pem);
    struct sign_key *k = token_key_read((struct situs_item){"key", pem, (size_t)n}, &err);
    BIO_free(bio);
    EVP_PKEY_free(key);
    assert_non_null(k);
    return k;
}

void make_token_keys(struct make_token *t, const struct sign_key *key)
{
    struct situs_err err;
    expect_no_error(token_keys_write(&key, 1, t->keys, sizeof t->keys, &err), &err);
}

void make_token_again(struct make_token *t)
{
    struct situs_err err;
    expect_no_error(token_write(t->key, &t->record, &t->facts, t->text, sizeof t->text, &err),
                    &err);
}

void make_token_signed(struct make_token *t, const char *typ, struct span payload)
{
    struct situs_err err = {0};
    struct wr w = wr_new(t->text, sizeof t->text - 1);
    memset(t->text, 0, sizeof t->text);
    expect_no_error(jws_write(&w, t->key, typ, payload, &err), &err);
}

char *make_token_payload(const struct make_token *t)
{
    static char text[TOKEN_MAX];
    const char *from = strchr(t->text, '.') + 1;
    size_t n = 0;
    assert_true(base64url_read((uint8_t *)text, sizeof text - 1, &n,
                               span_of(from, (size_t)(strchr(from, '.') - from))));
    text[n] = 0;
    return text;
}

static void appraise(struct make_token *t)
{
    struct situs_err err;
    struct situs_request q = lab_verifier_request(&t->verifier, &t->machine,
                                                  lab_machine_bundle(&t->machine, false, false));
    size_t n = situs_verify_memory(&q);
    void *p = malloc(n);
    assert_non_null(p);
    const struct situs_result *r = situs_verify(&q, (struct situs_memory){p, n});
    assert_int_equal(situs_result_exit(r), 0);
    expect_no_error(record_of(r, &q, &t->record, &err), &err);
    free(p);
}

void make_token_new(struct make_token *t, bool simulated, unsigned bits)
{
    memset(t, 0, sizeof *t);
    lab_machine_new(&t->machine);
    lab_verifier_new(&t->verifier, &t->machine, NULL);
    t->key = make_token_key(bits);
    make_token_keys(t, t->key);
    appraise(t);
    assert_true(t->record.simulated);
    t->record.simulated = simulated;
    memset(t->party_nonce, 0xb7, sizeof t->party_nonce);
    t->facts = (struct token_facts){.issuer = simulated ? MAKE_TOKEN_SIMULATED : MAKE_TOKEN_ISSUER,
                                    .audience = MAKE_TOKEN_AUDIENCE,
                                    .policy = "guest",
                                    .party_nonce = t->party_nonce,
                                    .party_nonce_size = sizeof t->party_nonce,
                                    .id = {1, 2, 3},
                                    .now = LAB_MACHINE_AT + 2,
                                    .life = 300,
                                    .judges = 2,
                                    .builds = 2};
    memcpy(t->facts.policy_sha256, t->record.policy, sizeof t->record.policy);
    memcpy(t->facts.nonce, t->machine.nonce, sizeof t->machine.nonce);
    make_token_again(t);
}

void make_token_free(struct make_token *t)
{
    token_key_free(t->key);
    lab_verifier_free(&t->verifier);
    lab_machine_free(&t->machine);
}

struct situs_token_request make_token_request(const struct make_token *t)
{
    static const char *const require[] = {"live", "bound"};
    return (struct situs_token_request){
        .token = {"token", t->text, strlen(t->text)},
        .keys = {"keys", t->keys, strlen(t->keys)},
        .issuer = t->facts.issuer,
        .audience = MAKE_TOKEN_AUDIENCE,
        .policy_sha256 = {"policy", t->record.policy, sizeof t->record.policy},
        .require = require,
        .n_require = 2,
        .nonce = {"nonce", t->party_nonce, t->facts.party_nonce_size},
        .channel = {"channel", t->machine.channel.p, t->machine.channel.n},
        .at = LAB_MACHINE_AT + 10,
    };
}

const struct situs_token *make_token_verify(struct make_token *t,
                                            const struct situs_token_request *q)
{
    return situs_token_verify(q, (struct situs_memory){t->memory, sizeof t->memory});
}
