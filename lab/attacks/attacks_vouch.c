/* Attackers of those who ask for another verifier's word. The rows are in attacks.def. */
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_maa.h"
#include "lab/attacks/lab_words.h"
#include "lab/ca/lab_x509_make.h"

/* The provider's VM, or the machine in the basement, where no provider's TPM is. */
static void attest(struct lab_attack *x)
{
    x->e = lab_vm_attest(x->honest ? &x->s->a : &x->s->cellar, x->d, x->nonce);
    if (x->honest)
        return;
    x->e.guest.given = false;
    x->e.log_guest = span_of(NULL, 0);
}

static void show(struct lab_attack *x, struct span quote, const struct lab_maa *how)
{
    lab_words_send(&x->e, "vouch", ITEM_MAA_TOKEN, lab_maa_token(x->s, quote, how));
}

/* The verifier would not attest the basement: what it shows is made by himself, in some way. */
static void attest_and_show(struct lab_attack *x, const struct lab_maa *how)
{
    attest(x);
    show(x, x->e.tdx, x->honest ? &(struct lab_maa){.alg = NULL} : how);
}

void attack_vouch_of_another(struct lab_attack *x)
{
    attest(x);
    struct span theirs = lab_vm_attest(&x->s->a, x->d, x->nonce).tdx;
    show(x, x->honest ? x->e.tdx : theirs, &(struct lab_maa){.alg = NULL});
}

void attack_vouch_stripped(struct lab_attack *x)
{
    attest(x);
    if (x->honest)
        show(x, x->e.tdx, &(struct lab_maa){.alg = NULL});
}

void attack_vouch_self_made(struct lab_attack *x)
{
    EVP_PKEY *own = lab_x509_rsa();
    attest_and_show(x, &(struct lab_maa){.key = own});
    EVP_PKEY_free(own);
}

void attack_vouch_none(struct lab_attack *x)
{
    attest_and_show(x, &(struct lab_maa){.alg = "none"});
}

void attack_vouch_hmac(struct lab_attack *x)
{
    attest_and_show(x, &(struct lab_maa){.alg = "HS256"});
}

void attack_vouch_own_instance(struct lab_attack *x)
{
    attest_and_show(x, &(struct lab_maa){.issuer = "https://mine.attest.invalid"});
}

void attack_vouch_own_policy(struct lab_attack *x)
{
    attest_and_show(x, &(struct lab_maa){.policy = "whatever-is-permitted"});
}

void attack_vouch_not_compliant(struct lab_attack *x)
{
    attest_and_show(x, &(struct lab_maa){.compliance = "azure-compliant-vm"});
}

void attack_vouch_ended(struct lab_attack *x)
{
    attest_and_show(x, &(struct lab_maa){.until = -300});
}
