/* TPMs with endorsement keys and certificates; see lab_maker.h. */
#include "lab/tpm/lab_maker.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/process/lab_process.h"

static void path_of(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void path_of(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, size, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= size)
        lab_die("%s...: this path is too long for the lab", out);
}

static void make_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        lab_die("%s: %s", path, strerror(errno));
}

static void write_text(const char *path, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void write_text(const char *path, const char *format, ...)
{
    va_list args;
    FILE *f = fopen(path, "wb");
    va_start(args, format);
    if (!f || vfprintf(f, format, args) < 0 || fclose(f) != 0)
        lab_die("cannot write %s", path);
    va_end(args);
}

struct lab_maker lab_maker_open(struct lab_world *w, const char *directory, const char *name)
{
    struct lab_maker m = {.ca = {.w = w}};
    char absolute[160], key[200], cert[200], path[200];
    make_directory(directory);
    if (directory[0] == '/')
        path_of(absolute, sizeof absolute, "%s", directory);
    else if (!getcwd(path, sizeof path))
        lab_die("the working directory has no name");
    else
        path_of(absolute, sizeof absolute, "%s/%s", path, directory);
    path_of(m.directory, sizeof m.directory, "%s", absolute);
    path_of(key, sizeof key, "%s/ca-key.pem", absolute);
    path_of(cert, sizeof cert, "%s/ca.pem", absolute);
    m.ca = lab_ca_keep(w, name, key, cert);
    path_of(path, sizeof path, "%s/localca.conf", absolute);
    write_text(path, "statedir = %s\nsigningkey = %s\nissuercert = %s\ncertserial = %s/serial\n",
               absolute, key, cert, absolute);
    path_of(path, sizeof path, "%s/localca.options", absolute);
    write_text(path, "--platform-manufacturer situs\n--platform-version 1.0\n"
                     "--platform-model lab\n");
    path_of(path, sizeof path, "%s/setup.conf", absolute);
    write_text(path,
               "create_certs_tool = /usr/bin/swtpm_localca\n"
               "create_certs_tool_config = %s/localca.conf\n"
               "create_certs_tool_options = %s/localca.options\n"
               "active_pcr_banks = sha256,sha384\n",
               absolute, absolute);
    return m;
}

void lab_maker_free(struct lab_maker *m)
{
    lab_ca_free(&m->ca);
}

/* The state is made beside its place and moved there when it is whole. */
void lab_maker_tpm(const struct lab_maker *m, const char *serial, char path[200])
{
    char config[200], log[200], half[200];
    path_of(path, 200, "%s/%s", m->directory, serial);
    if (access(path, R_OK) == 0)
        return;
    path_of(config, sizeof config, "%s/setup.conf", m->directory);
    path_of(log, sizeof log, "%s/setup.log", m->directory);
    path_of(half, sizeof half, "%s/%s.%ld", m->directory, serial, (long)getpid());
    make_directory(half);
    const char *const argv[] = {"swtpm_setup",  "--tpm2",      "--tpm-state",
                                half,           "--config",    config,
                                "--vmid",       serial,        "--create-ek-cert",
                                "--lock-nvram", "--pcr-banks", "sha256,sha384",
                                "--logfile",    log,           "--write-ek-cert-files",
                                half,           NULL};
    int code = lab_process_run(argv, log);
    if (code == 127)
        lab_die("swtpm_setup is not installed: tools/install-packages.sh lab");
    if (code != 0 || rename(half, path) != 0)
        lab_die("swtpm_setup makes no TPM; see %s", log);
}
