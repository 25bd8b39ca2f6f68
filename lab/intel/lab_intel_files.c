/*
 * lab-intel DIR [@UNIX [CASE]]: writes a simulated machine's quotes (TDX versions 4 and 5, SGX
 * version 3), its Platform Manifest and PCK chain, its collateral, the trust file, the policy
 * genuine.json (the preset, in a lab) and the guest's channel key into DIR, all in date at the
 * given time (else now). With a case, quote.bin and the collateral are bent as it says. lab-intel
 * --cases lists the cases. For the demo, tests of the command line, and fuzz corpora.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "lab/intel/lab_intel.h"

static FILE *create(const char *directory, const char *name)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
    if (f == NULL)
        lab_die("cannot write %s/%s", directory, name);
    return f;
}

static void put(const char *directory, const char *name, struct span bytes)
{
    FILE *f = create(directory, name);
    size_t n = fwrite(bytes.p, 1, bytes.n, f);
    if (fclose(f) != 0 || n != bytes.n)
        lab_die("cannot write %s/%s", directory, name);
}

static void put_channel_key(struct lab_world *w, const char *directory)
{
    EVP_PKEY *pair = lab_key_pair(w, LAB_KEY_CHANNEL);
    uint8_t *spki = NULL;
    int n = i2d_PUBKEY(pair, &spki);
    if (n <= 0)
        lab_die("OpenSSL writes no key");
    put(directory, "channel.spki.der", span_of(spki, (size_t)n));
    OPENSSL_free(spki);
    FILE *f = create(directory, "channel.key.pem");
    if (!PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL, NULL) || fclose(f) != 0)
        lab_die("cannot write %s/channel.key.pem", directory);
}

/* The other forms of quote that the machine can give. */
static void put_more_quotes(struct lab_world *w, const struct lab_platform *p,
                            const char *directory)
{
    const struct {
        const char *name;
        struct lab_quote quote;
    } quotes[] = {
        {"quote-v5.bin", lab_quote_tdx(w, p, 5, LAB_BODY_TD15)},
        {"quote-v5-td10.bin", lab_quote_tdx(w, p, 5, LAB_BODY_TD10)},
        {"quote-sgx-v3.bin", lab_quote_sgx(w, p, 3)},
    };
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++)
        put(directory, quotes[i].name, lab_quote_make(w, &quotes[i].quote));
}

static void put_scene(struct lab_world *w, const struct lab_scene *s, const char *directory)
{
    struct situs_item parts[LAB_PARTS];
    struct lab_collateral sgx = lab_collateral_honest(w, &s->machine, false);
    struct lab_chain pck = lab_chain_pck(w, &s->machine);
    struct lab_manifest manifest = lab_manifest_honest(&s->machine, 0);
    put(directory, "quote.bin", lab_quote_make(w, &s->quote));
    put(directory, "manifest.bin", lab_manifest_make(w, &manifest));
    put(directory, "pck_chain.pem", lab_chain_pem(w, &pck));
    lab_collateral_parts(w, &s->collateral, parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        put(directory, parts[i].name, item_span(parts[i]));
    put(directory, "collateral.json", lab_collateral_json(w, &s->collateral));
    put(directory, "collateral-sgx.json", lab_collateral_json(w, &sgx));
    struct lab_tcb_info older = s->collateral.tcb_info;
    older.issue_date -= LAB_DAY;
    put(directory, "tcb_info_older.json", lab_tcb_info_make(w, &older).answer);
    struct lab_tcb_info early = s->collateral.tcb_info;
    early.evaluation_number++;
    early.levels.v[0].status = "OutOfDate"; /* as after a TCB recovery */
    put(directory, "tcb_info_early.json", lab_tcb_info_make(w, &early).answer);
    put(directory, "trust.json", lab_trust_json(w));
    put(directory, "genuine.json", SPAN_LIT("{\"simulated\": true, \"require\": [\"genuine\"]}\n"));
}

/* bend bends the scene by the case of this name; false when there is none. */
static bool bend(struct lab_world *w, struct lab_scene *s, const char *id)
{
    for (size_t i = 0; lab_fault_at(i) != NULL; i++)
        if (strcmp(lab_fault_at(i)->id, id) == 0) {
            lab_fault_at(i)->bend(w, s, lab_fault_at(i)->form);
            return true;
        }
    return false;
}

static int list_cases(void)
{
    for (size_t i = 0; lab_fault_at(i) != NULL; i++)
        printf("%s\t%s\n", lab_fault_at(i)->id, lab_fault_at(i)->what);
    return 0;
}

static int usage(const char *why)
{
    fprintf(stderr, "lab-intel: error: %s\n", why);
    fprintf(stderr, "lab-intel: hint: lab-intel DIR [@UNIX [CASE]], or lab-intel --cases\n");
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--cases") == 0)
        return list_cases();
    if (argc < 2 || argc > 4)
        return usage("wrong number of arguments");
    if (argv[1][0] == '-')
        return usage("no such option");
    uint64_t at = (uint64_t)time(NULL);
    if (argc > 2 && (argv[2][0] != '@' || !text_number(span_text(argv[2] + 1), 0, INT64_MAX, &at)))
        return usage("the time is not @ and Unix seconds");
    struct lab_world *w = lab_world_new((int64_t)at);
    struct lab_scene s = lab_scene_honest(w);
    bool known = argc < 4 || bend(w, &s, argv[3]);
    if (known) {
        mkdir(argv[1], 0777); /* may exist; the first file tells */
        put_scene(w, &s, argv[1]);
        put_more_quotes(w, &s.machine, argv[1]);
        put_channel_key(w, argv[1]);
    }
    lab_world_free(w);
    return known ? 0 : usage("no such case");
}
