/* Memory that runs out in OpenSSL: call faults_install before anything else does. */
#ifndef SITUS_TESTS_FAULTS_H
#define SITUS_TESTS_FAULTS_H

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>

/* Allocations left until one fails; 0: none does. lasting: all after it fail too. */
static size_t faults_left, faults_count;
static bool faults_lasting;

static inline bool faults_now(void)
{
    faults_count++;
    if (faults_left == 0 || --faults_left > 0)
        return false;
    faults_left = faults_lasting ? 1 : 0;
    return true;
}

static inline void *faults_take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return faults_now() ? NULL : malloc(n);
}

static inline void *faults_retake(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return faults_now() ? NULL : realloc(p, n);
}

static inline void faults_give(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static inline bool faults_install(void)
{
    return CRYPTO_set_mem_functions(faults_take, faults_retake, faults_give) == 1;
}

#endif
