/* How costs grow with what a verifier is given: from a thousand to a million entries of lists, from
 * one endorsement, image and few events to as many as it takes. */
#include <stdio.h>

#include "bench.h"

#define MOST 8

/* A curve and its points: how many of what, and what they cost. */
struct curve {
    const char *name, *of, *unit;
    size_t count[MOST];
    double cost[MOST];
};

static bool grow_lists(struct curve *load, struct curve *verify)
{
    bool good = true;
    for (size_t i = 0; i < MOST && load->count[i] && good; i++) {
        good = bench_words_grow(load->count[i], 1, &load->cost[i], &verify->cost[i]);
        load->cost[i] *= 1e3;
        verify->cost[i] *= 1e6;
    }
    return good;
}

static bool grow_poes(struct curve *c)
{
    double load;
    bool good = true;
    for (size_t i = 0; i < MOST && c->count[i] && good; i++) {
        good = bench_words_grow(1000, c->count[i], &load, &c->cost[i]);
        c->cost[i] *= 1e6;
    }
    return good;
}

static bool grow_policy(struct curve *load, struct curve *verify)
{
    bool good = true;
    for (size_t i = 0; i < MOST && load->count[i] && good; i++) {
        good = bench_policy_grow(load->count[i], &load->cost[i], &verify->cost[i]);
        load->cost[i] *= 1e6;
        verify->cost[i] *= 1e6;
    }
    return good;
}

static bool grow_log(struct curve *c)
{
    bool good = true;
    for (size_t i = 0; i < MOST && c->count[i] && good; i++) {
        good = bench_log_grow(c->count[i], &c->cost[i]);
        c->cost[i] *= 1e6;
    }
    return good;
}

static void print(const struct curve *c, FILE *json, bool last)
{
    printf("%s, %s by %s:\n", c->name, c->unit, c->of);
    if (json)
        fprintf(json, "{\"name\": \"%s\", \"of\": \"%s\", \"unit\": \"%s\", \"points\": [", c->name,
                c->of, c->unit);
    for (size_t i = 0; i < MOST && c->count[i]; i++) {
        printf("%10zu %12.2f\n", c->count[i], c->cost[i]);
        if (json)
            fprintf(json, "%s[%zu, %.3f]", i ? ", " : "", c->count[i], c->cost[i]);
    }
    if (json)
        fprintf(json, "]}%s\n", last ? "]}" : ",");
}

bool bench_growth(const char *file)
{
    static struct curve curves[] = {
        {"Loading a machine list, a revocation list and an endorsement",
         "entries of each list",
         "ms",
         {1000, 10000, 100000, 1000000},
         {0}},
        {"An appraisal beside them",
         "entries of each list",
         "us",
         {1000, 10000, 100000, 1000000},
         {0}},
        {"An appraisal beside endorsements", "endorsements", "us", {1, 2, 4, 8, 12}, {0}},
        {"Reading and replaying a log, three banks",
         "events",
         "us",
         {32, 128, 512, 1024, 2048, 3800},
         {0}},
        {"Reading a policy", "guest images in it", "us", {1, 4, 16, 64}, {0}},
        {"An appraisal by it, the machine's image last",
         "guest images in it",
         "us",
         {1, 4, 16, 64},
         {0}},
    };
    bool good = grow_lists(&curves[0], &curves[1]) && grow_poes(&curves[2]) &&
                grow_log(&curves[3]) && grow_policy(&curves[4], &curves[5]);
    if (!good)
        fprintf(stderr, "bench: a wrong answer while it grew\n");
    FILE *json = file && good ? fopen(file, "w") : NULL;
    if (json)
        fprintf(json, "{\"curves\": [\n");
    for (size_t i = 0; i < sizeof curves / sizeof *curves && good; i++)
        print(&curves[i], json, i + 1 == sizeof curves / sizeof *curves);
    if (file && good && (!json || fclose(json) != 0)) {
        perror(file);
        good = false;
    }
    return good;
}
