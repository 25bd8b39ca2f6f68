/*
 * How many ECDSA signatures one operation of a row verifies: what the library's own equation judges
 * (crypto/ec_equation.h), which the linker's --wrap sends here, and what goes through OpenSSL's own
 * table of functions of a key, as X509_verify_cert's do. They are counted in a process of their own,
 * before any key is made, so that what is measured is not changed.
 */
#include <openssl/ec.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "crypto/ec_equation.h"

#define WARM 70 /* more than any row has distinct evidence */
#define TIMES 64

static unsigned long verified;
static int (*openssl_verify)(const unsigned char *, int, const ECDSA_SIG *, EC_KEY *);

enum ec_answer __real_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature);
enum ec_answer __wrap_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature);
enum ec_answer __wrap_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature)
{
    enum ec_answer answer = __real_ec_equation_holds(table, key, signature);
    if (openssl_verify && answer != EC_UNKNOWN)
        verified++;
    return answer;
}

static int verify(const unsigned char *digest, int size, const ECDSA_SIG *signature, EC_KEY *key)
{
    verified++;
    return openssl_verify(digest, size, signature, key);
}

static bool count_calls(void)
{
    EC_KEY_METHOD *method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    int (*by_bytes)(int, const unsigned char *, int, const unsigned char *, int, EC_KEY *);
    if (!method)
        return false;
    EC_KEY_METHOD_get_verify(method, &by_bytes, &openssl_verify);
    EC_KEY_METHOD_set_verify(method, by_bytes, verify); /* by_bytes calls verify */
    EC_KEY_set_default_method(method);
    return true;
}

static void count(const struct bench_row *row, double *out)
{
    const char *reason;
    if (row->signatures == 0 || !row->setup || !row->setup(&reason) || !row->run(WARM))
        return;
    verified = 0;
    *out = row->run(TIMES) ? (double)verified / TIMES : 0;
}

const double *bench_count(const struct bench_row *row, const char *name)
{
    static const double none[BENCH_ROWS];
    double *out =
        mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (out == MAP_FAILED)
        return none;
    pid_t child = fork();
    if (child == 0) {
        bool good = count_calls();
        for (size_t i = 0; good && row[i].name && i < BENCH_ROWS; i++)
            if (!name || strcmp(name, row[i].name) == 0)
                count(&row[i], &out[i]);
        _exit(0);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
    return out;
}
