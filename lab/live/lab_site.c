/* Sites; see lab_site.h. */
#include "lab/live/lab_site.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "lab/attacks/lab_azure.h"
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"
#include "lab/live/lab_live_row.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"
#include "lab/process/lab_warden.h"

#define ARGUMENTS 40

static void make_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        lab_die("%s: %s", path, strerror(errno));
}

static void join(char path[LAB_PATH], const char *root, const char *a, const char *b)
{
    int n = snprintf(path, LAB_PATH, "%s%s%s%s%s", root, a ? "/" : "", a ? a : "", b ? "/" : "",
                     b ? b : "");
    if (n < 0 || n >= LAB_PATH)
        lab_die("%s: this path is too long for the lab", root);
}

void lab_site_path(const struct lab_site *s, char path[LAB_PATH], const char *a, const char *b)
{
    join(path, s->directory, a, b);
}

void lab_site_socket(const struct lab_site *s, char path[LAB_PATH], const char *a, const char *b)
{
    join(path, s->run, a, b);
}

void lab_site_write(const char *path, struct span bytes)
{
    FILE *f = fopen(path, "wb");
    size_t n = f ? fwrite(bytes.p, 1, bytes.n, f) : 0;
    if (!f || fclose(f) != 0 || n != bytes.n)
        lab_die("cannot write %s", path);
}

static pid_t start(const struct lab_site *s, const char *const *arguments)
{
    char log[LAB_PATH];
    const char *argv[ARGUMENTS] = {s->program};
    size_t n = 1;
    while (arguments[n - 1] && n + 2 < ARGUMENTS) {
        argv[n] = arguments[n - 1];
        n++;
    }
    if (s->verbose && strcmp(arguments[0], "registrar") != 0)
        argv[n++] = "--verbose";
    lab_site_path(s, log, "log", NULL);
    return lab_process_start(argv, log);
}

pid_t lab_site_start(const struct lab_site *s, const char *const *arguments)
{
    return start(s, arguments);
}

int lab_site_run(const struct lab_site *s, const char *const *arguments)
{
    return lab_process_wait(start(s, arguments));
}

/* SHA-256 of the EK's SubjectPublicKeyInfo, from the certificate that the maker wrote beside the
 * TPM's pristine state. */
static void ek_fingerprint(const struct lab_maker *m, const char *serial, uint8_t out[32])
{
    char path[LAB_PATH], pristine[LAB_PATH];
    unsigned char *der = NULL;
    lab_maker_tpm(m, serial, pristine);
    join(path, pristine, "ek-rsa2048.crt", NULL);
    FILE *f = fopen(path, "rb");
    X509 *x = f ? d2i_X509_fp(f, NULL) : NULL;
    if (f && !x) {
        rewind(f);
        x = PEM_read_X509(f, NULL, NULL, NULL);
    }
    int n = x ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der) : 0;
    if (n <= 0)
        lab_die("%s is no certificate", path);
    fclose(f);
    lab_hash256(out, span_of(der, (size_t)n));
    OPENSSL_free(der);
    X509_free(x);
}

/* The fleet: what the provider knows of its machines, by their EKs (DESIGN: fleet, 5). */
static void write_fleet(const struct lab_site *s)
{
    struct lab_buf b = {0};
    char path[LAB_PATH];
    lab_buf_text(&b, "facility,machine,class,ek,piid\n");
    for (size_t i = 0; lab_live_row(i); i++) {
        const struct lab_live_row *row = lab_live_row(i);
        struct lab_platform p = lab_platform_honest(row->number);
        uint8_t ek[32];
        if (!row->enrolled)
            continue;
        ek_fingerprint(row->metal ? &s->dtpms : &s->vtpms, row->name, ek);
        lab_buf_format(&b, "lab-hall-1,%s,%s,", row->name, row->metal ? "dtpm" : "vtpm");
        lab_buf_hex_lower(&b, SPAN_ARR(ek));
        lab_buf_text(&b, ",");
        lab_buf_hex_lower(&b, SPAN_ARR(p.piid));
        lab_buf_text(&b, "\n");
    }
    lab_site_path(s, path, "fleet.csv", NULL);
    lab_site_write(path, lab_buf_span(&b));
    lab_buf_free(&b);
}

/* The owner signs nothing here; the policies of the stage pair him with the provider (machine.same). */
static struct span trust(const struct lab_site *s, const struct lab_stage *stage)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(s->w));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_snp_anchor(&s->amd, lab_snp_issuer(&s->amd, LAB_SNP_ARK)));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&s->vtpms.ca, "situs"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_provider(&s->azure, "azure"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_ca_anchor(&s->dtpms.ca, "tpm-maker"));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, lab_owner_anchor(s->w, &stage->owner, "Example Cloud"));
    lab_buf_text(&b, "]}\n");
    return lab_world_keep(s->w, &b);
}

/* What a verifier needs. The images are those of the stage, which boots the same ones. */
static void write_verifier(const struct lab_site *s)
{
    struct lab_stage *stage = lab_stage_new(lab_world_at(s->w));
    struct lab_judge *judge = lab_judge_new(stage);
    struct lab_platform p = lab_platform_honest(0);
    struct lab_collateral c = lab_collateral_honest(s->w, &p, true);
    const struct {
        const char *name;
        struct span bytes;
    } files[] = {
        {"trust.json", trust(s, stage)},
        {"collateral.json", lab_collateral_json(s->w, &c)},
        {"policy-managed.json", lab_judge_policy(judge, LAB_MANAGED)},
        {"policy-metal.json", lab_judge_policy(judge, LAB_METAL)},
        {"policy-snp.json", lab_judge_policy(judge, LAB_SNP)},
        {"policy-azure.json", lab_judge_policy(judge, LAB_AZURE)},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[LAB_PATH];
        lab_site_path(s, path, files[i].name, NULL);
        lab_site_write(path, files[i].bytes);
    }
    lab_judge_free(judge);
    lab_stage_free(stage);
}

static void start_registrar(struct lab_site *s)
{
    char fleet[LAB_PATH], state[LAB_PATH], cert[LAB_PATH], key[LAB_PATH], anchors[LAB_PATH];
    char crl[LAB_PATH], ca[2 * LAB_PATH];
    lab_site_path(s, fleet, "fleet.csv", NULL);
    lab_site_path(s, state, "registrar", NULL);
    lab_site_path(s, anchors, "trust.json", NULL);
    lab_site_path(s, crl, "provider.crl", NULL);
    lab_site_path(s, cert, "provider", "ca.pem");
    lab_site_path(s, key, "provider", "ca-key.pem");
    snprintf(ca, sizeof ca, "%s,%s", cert, key);
    lab_site_socket(s, s->registrar, "registrar", NULL);
    make_directory(state);
    const char *const arguments[] = {"registrar", "--socket", s->registrar, "--fleet", fleet,
                                     "--state",   state,      "--ca",       ca,        "--trust",
                                     anchors,     "--crl",    crl,          NULL};
    s->registrar_process = start(s, arguments);
    if (!lab_socket_served(s->registrar, s->registrar_process))
        lab_die("the registrar does not start; see %s/log", s->directory);
}

/* kept_paths makes a directory for a root that is kept in two files, and their paths. */
static void kept_paths(const struct lab_site *s, const char *directory, const char *key_name,
                       const char *cert_name, char key[LAB_PATH], char cert[LAB_PATH])
{
    lab_site_path(s, cert, directory, NULL);
    make_directory(cert);
    lab_site_path(s, key, directory, key_name);
    lab_site_path(s, cert, directory, cert_name);
}

static void open_amd(struct lab_site *s)
{
    char key[LAB_PATH], cert[LAB_PATH];
    kept_paths(s, "amd", "ark-key.pem", "ark.pem", key, cert);
    s->amd = lab_snp_new(s->w);
    lab_snp_keep(&s->amd, key, cert);
    s->chip = lab_snp_chip_new(&s->amd, 0);
}

static void open_azure(struct lab_site *s)
{
    char key[LAB_PATH], cert[LAB_PATH];
    kept_paths(s, "azure", "ca-key.pem", "ca.pem", key, cert);
    s->azure = lab_ca_keep(s->w, LAB_AZURE_CA, key, cert);
}

void lab_site_open(struct lab_site *s, const char *program, const char *directory)
{
    char path[LAB_PATH], intel[LAB_PATH];
    *s = (struct lab_site){.w = NULL};
    join(s->program, program, NULL, NULL);
    make_directory(directory);
    char *real = realpath(directory, NULL);
    if (!real || strlen(real) >= sizeof s->directory)
        lab_die("%s: no such directory, or a path that is too long for the lab", directory);
    memcpy(s->directory, real, strlen(real) + 1);
    free(real);
    strcpy(s->run, "/tmp/situs-XXXXXX");
    lab_warden_directory(s->run);
    lab_site_path(s, path, "log", NULL);
    remove(path);
    lab_site_path(s, intel, "intel", NULL);
    s->w = lab_world_open(intel, time(NULL));
    open_amd(s);
    open_azure(s);
    lab_site_path(s, path, "maker", NULL);
    s->dtpms = lab_maker_open(s->w, path, "lab TPM maker");
    lab_site_path(s, path, "provider", NULL);
    s->vtpms = lab_maker_open(s->w, path, "lab provider");
    lab_site_path(s, path, "maker", "ca.der");
    lab_site_write(path, s->dtpms.ca.cert);
    lab_site_path(s, path, "provider", "ca.der");
    lab_site_write(path, s->vtpms.ca.cert);
    write_fleet(s);
    write_verifier(s);
    lab_world_save(s->w, intel);
    start_registrar(s);
}

void lab_site_close(struct lab_site *s)
{
    const char *const argv[] = {"rm", "-rf", s->run, NULL};
    lab_process_stop_all();
    lab_process_run(argv, NULL);
    lab_maker_free(&s->dtpms);
    lab_maker_free(&s->vtpms);
    lab_snp_free(&s->amd);
    lab_ca_free(&s->azure);
    lab_world_free(s->w);
}

/* boot_of is the boot that the machine shows, as RESET,RESTART: here what it reported. */
static void boot_of(const struct lab_site *s, const struct lab_live_row *row, char boot[24])
{
    char file[80], path[LAB_PATH];
    char line[48] = "";
    uint64_t reset, restart;
    uint8_t ek[32];
    ek_fingerprint(row->metal ? &s->dtpms : &s->vtpms, row->name, ek);
    snprintf(file, sizeof file, "%s.seen", TEXT_HEX(SPAN_ARR(ek)));
    lab_site_path(s, path, "registrar", file);
    FILE *f = fopen(path, "r");
    bool read = f && fgets(line, sizeof line, f);
    struct span rest = text_trim(span_text(line)), first = text_field(&rest, ' ');
    if (!read || !text_number(first, 0, UINT32_MAX, &reset) ||
        !text_number(rest, 0, UINT32_MAX, &restart))
        lab_die("%s has reported no boot", row->name);
    fclose(f);
    snprintf(boot, 24, "%u,%u", (unsigned)reset, (unsigned)restart);
}

void lab_site_confirm(const struct lab_site *s, const struct lab_live_row *row)
{
    char fleet[LAB_PATH], state[LAB_PATH], boot[24];
    const char *machine = row->name;
    lab_site_path(s, fleet, "fleet.csv", NULL);
    lab_site_path(s, state, "registrar", NULL);
    boot_of(s, row, boot);
    const char *const arguments[] = {"registrar", "--fleet", fleet,    "--state", state,
                                     "--confirm", machine,   "--boot", boot,      NULL};
    if (lab_site_run(s, arguments) != 0)
        lab_die("the registrar confirms no %s; see %s/log", machine, s->directory);
}
