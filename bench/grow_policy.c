/* A policy that approves of many guest images, and an appraisal by it: the machine's is the last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"
#include "verifier.h"

#define AT INT64_C(1790000000)
#define WARM 1000 /* appraisals after which keys have their tables */
#define TIMES 100

static struct {
    struct lab_stage *stage;
    struct situs_item parts[LAB_PARTS], trust, policy;
    struct situs_request request;
    struct situs_memory memory;
} g;

static const uint8_t nonce[32] = {1};

static bool setup(void)
{
    if (g.stage)
        return g.memory.p != NULL;
    g.stage = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(g.stage);
    struct lab_evidence e = lab_vm_attest(&g.stage->a, LAB_SITUS, nonce);
    struct lab_collateral c =
        lab_collateral_honest(g.stage->w, &g.stage->cpu[CLOUD_A].platform, true);
    lab_collateral_parts(g.stage->w, &c, g.parts);
    g.trust = item_of("trust", lab_judge_trust(j));
    g.policy = item_of("policy", lab_judge_policy(j, LAB_MANAGED));
    g.request = (struct situs_request){.evidence = item_of("bundle", lab_judge_bundle(j, &e)),
                                       .nonce = item_of("nonce", SPAN_ARR(nonce)),
                                       .channel = item_of("channel", e.peer),
                                       .at = AT};
    lab_judge_free(j);
    g.memory = bench_memory();
    return g.memory.p != NULL;
}

/* The policy's one image: from its brace to the end of the list. NULL: it is written otherwise. */
static const char *image(const char *policy, size_t *size)
{
    static const char before[] = "\"images\": [", after[] = "]}, \"bind.measurements\"";
    const char *begin = strstr(policy, before), *end = begin ? strstr(begin, after) : NULL;
    if (!end)
        return NULL;
    begin += sizeof before - 1;
    *size = (size_t)(end - begin);
    return begin;
}

/* Another image of that firmware, of another name and RTMR0, by its number; and a comma. */
static bool other(char *to, const char *one, size_t size, unsigned number)
{
    static const char name[] = "lab image 1.0", rtmr[] = "\"rtmr\": [\"";
    char digits[4];
    memcpy(to, one, size);
    to[size] = 0;
    char *n = strstr(to, name), *m = strstr(to, rtmr);
    to[size] = ',';
    if (!n || !m)
        return false;
    snprintf(digits, sizeof digits, "%03u", number % 1000);
    memcpy(n + sizeof name - 4, digits, 3);
    memcpy(m + sizeof rtmr - 1, digits, 3);
    return true;
}

/* The policy with so many images; its memory is the caller's. */
static char *widen(size_t images, size_t *size)
{
    char *policy = strndup(g.policy.p, g.policy.size);
    size_t n = 0;
    const char *one = policy ? image(policy, &n) : NULL;
    char *wide = one ? malloc(g.policy.size + images * (n + 1)) : NULL;
    bool good = wide != NULL;
    if (good) {
        size_t used = (size_t)(one - policy);
        memcpy(wide, policy, used);
        for (size_t i = 1; i < images && good; i++, used += n + 1)
            good = other(wide + used, one, n, (unsigned)i);
        memcpy(wide + used, one, g.policy.size - (size_t)(one - policy));
        *size = used + g.policy.size - (size_t)(one - policy);
    }
    free(policy);
    if (good)
        return wide;
    free(wide);
    return NULL;
}

static bool verify(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = situs_result_trusted(situs_verify(&g.request, g.memory));
    return good;
}

bool bench_policy_grow(size_t images, double *load, double *each)
{
    struct situs_memory room = {malloc(SITUS_POLICY_MEMORY), SITUS_POLICY_MEMORY};
    struct situs_err err = {0};
    size_t size = 0;
    bool good = setup() && room.p;
    char *wide = good ? widen(images, &size) : NULL;
    const struct situs_item policy = {"policy", wide, size};
    good = wide && bench_load(&g.request, g.trust, policy, g.parts, LAB_PARTS) && verify(WARM);
    double begin = clock_thread();
    for (size_t i = 0; i < TIMES && good; i++)
        good = situs_policy_read(policy, room, &err) != NULL;
    *load = (clock_thread() - begin) / TIMES;
    begin = clock_thread();
    good = good && verify(TIMES);
    *each = (clock_thread() - begin) / TIMES;
    free(room.p); /* the request's policy lies in memory of its own, and points into wide */
    return good;
}
