/*
 * A relying party: is this machine what the policy wants, and if not, why not and what helps?
 *   cc verify.c $(pkg-config --cflags --libs situs) -o verify
 *   ./verify EVIDENCE COLLATERAL POLICY TRUST
 */
#include <situs.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What situs makes lives in memory of ours; here, until the program ends. */
static struct situs_memory room(size_t size)
{
    struct situs_memory memory = {malloc(size), size};
    if (!memory.p)
        exit(1);
    return memory;
}

static struct situs_item load(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        exit(1);
    }
    struct situs_memory bytes = room(16 * 1024 * 1024);
    struct situs_item item = {name, bytes.p, fread(bytes.p, 1, bytes.size, file)};
    fclose(file);
    return item;
}

static void tell(const char *check, const struct situs_err *why)
{
    printf("%s: %s: %s %s: expected %s, got %s\n", check ? check : "input",
           situs_code_name(why->code), why->part, why->field, why->expected, why->got);
    printf("hint: %s\n", why->hint[0] ? why->hint : situs_code_hint(why->code));
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return fprintf(stderr, "usage: verify EVIDENCE COLLATERAL POLICY TRUST\n"), 1;
    struct situs_item collateral = load(argv[2]), policy = load(argv[3]), trust = load(argv[4]);
    struct situs_err err;
    /* Where the policy requires live, .nonce is the challenge that you sent and .channel the key of
     * the connection that you hold; never what came with the evidence. */
    struct situs_request request = {.evidence = load(argv[1]), .at = (int64_t)time(NULL)};
    request.trust = situs_trust_read(trust, room(situs_trust_memory(trust)), &err);
    if (request.trust)
        request.policy = situs_policy_read(policy, room(situs_policy_memory(policy)), &err);
    struct situs_snapshot *snapshot = NULL;
    if (request.policy)
        snapshot = situs_snapshot_load(&collateral, 1, request.trust,
                                       room(situs_snapshot_memory(&collateral, 1)), &err);
    if (!snapshot)
        return tell(NULL, &err), 1;
    request.snapshot = snapshot;

    const struct situs_result *result = situs_verify(&request, room(situs_verify_memory(&request)));
    struct situs_error error;
    for (size_t i = 0; situs_result_error(result, i, &error); i++)
        tell(error.check, &error.why);
    char mrtd[2 * 48 + 1];
    if (situs_result_trusted(result) && situs_result_claim(result, "tdx.mrtd", mrtd, sizeof mrtd))
        printf("trusted: tdx.mrtd %s\n", mrtd);
    situs_snapshot_free(snapshot);
    return situs_result_exit(result);
}
