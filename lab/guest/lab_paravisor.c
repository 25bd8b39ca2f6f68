/* A paravisor before its vTPM; see lab_paravisor.h. */
#include "lab/guest/lab_paravisor.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"
#include "lab/tpm/lab_raw.h"

/* openvmm, vm/devices/tpm/tpm_protocol/src/lib.rs. */
enum {
    AK = 0x81000003,
    REPORT = 0x01400001,
    USER_DATA = 0x01400002,
    AK_CERT = 0x01c101d0,
    INDEX_MOST = 2048, /* of swtpm's indices */
    PAUSE = 2000
};

#define PASSWORD "the paravisor's" /* Azure's is random: the guest does not have it */

static int connect_to(const struct lab_paravisor *p)
{
    int fd = lab_socket_connect(p->inner);
    if (fd < 0)
        lab_die("%s: nobody serves it", p->inner);
    return fd;
}

static EVP_PKEY *key_of(const uint8_t modulus[256])
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus, 256, NULL);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params = n && b && OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) &&
                                 OSSL_PARAM_BLD_push_ulong(b, OSSL_PKEY_PARAM_RSA_E, 65537)
                             ? OSSL_PARAM_BLD_to_param(b)
                             : NULL;
    if (!c || !params || EVP_PKEY_fromdata_init(c) != 1 ||
        EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        lab_die("OpenSSL takes no RSA key");
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_BLD_free(b);
    BN_free(n);
    return key;
}

void lab_paravisor_make(struct lab_paravisor *p, const struct lab_swtpm *vtpm)
{
    uint8_t modulus[256];
    snprintf(p->inner, sizeof p->inner, "%s", vtpm->socket);
    int fd = connect_to(p);
    if (lab_raw_ak(fd, LAB_HCL_AK, AK, modulus) != 0 ||
        lab_raw_nv_define(fd, REPORT, PASSWORD, INDEX_MOST) != 0 ||
        lab_raw_nv_define(fd, AK_CERT, PASSWORD, INDEX_MOST) != 0)
        lab_die("the TPM at %s takes no paravisor", p->inner);
    lab_socket_close(fd);
    p->ak = key_of(modulus);
}

/* What an index holds to its end. */
static void put(const struct lab_paravisor *p, int fd, uint32_t index, struct span bytes)
{
    uint8_t whole[INDEX_MOST] = {0};
    if (bytes.n > sizeof whole &&
        !span_all(span_cut(bytes, sizeof whole, bytes.n - sizeof whole), 0))
        lab_die("%zu bytes are too many for an index of swtpm's", bytes.n);
    memcpy(whole, bytes.p, bytes.n < sizeof whole ? bytes.n : sizeof whole);
    if (lab_raw_nv_write(fd, index, PASSWORD, SPAN_ARR(whole)) != 0)
        lab_die("the TPM at %s writes no index", p->inner);
}

void lab_paravisor_certify(const struct lab_paravisor *p, struct span cert)
{
    int fd = connect_to(p);
    put(p, fd, AK_CERT, cert);
    lab_socket_close(fd);
}

/* The report, over what the guest wrote; zeros where it wrote nothing. */
static void refresh(const struct lab_paravisor *p, int fd)
{
    uint8_t user_data[64] = {0}, data[64], report[LAB_SNP_REPORT];
    if (lab_raw_nv_read(fd, USER_DATA, user_data, sizeof user_data) != 0)
        memset(user_data, 0, sizeof user_data);
    struct span text = lab_hcl_text(p->w, p->ak, p->silent ? NULL : user_data);
    lab_hcl_report_data(text, data);
    data[0] ^= p->loose;
    bool snp = p->snp.chip;
    if (snp)
        lab_snp_guest_report(&p->snp, data, report);
    else
        lab_td_tdreport(&p->td, data, report);
    put(p, fd, REPORT,
        lab_hcl_report(p->w, snp ? 1 : 2, snp ? LAB_HCL_SNP : LAB_HCL_TDX,
                       span_of(report, snp ? LAB_SNP_REPORT : TDREPORT_SIZE), text));
}

/* What the processes of all connections see. */
struct relay {
    const struct lab_paravisor *p;
    int64_t *last; /* when the last report was made, ms; 0: never */
};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_due(const struct relay *r)
{
    unsigned pause = r->p->pause ? r->p->pause : PAUSE;
    return *r->last == 0 || now() - *r->last >= pause;
}

static void serve(void *context, int guest)
{
    static uint8_t m[LAB_RAW_MOST];
    const struct relay *r = context;
    int tpm = connect_to(r->p);
    size_t n;
    while ((n = lab_raw_receive(guest, m)) > 0) {
        if (lab_raw_reads(span_of(m, n), REPORT) && is_due(r)) {
            refresh(r->p, tpm);
            *r->last = now();
        }
        if (!lab_socket_write(tpm, span_of(m, n)) || (n = lab_raw_receive(tpm, m)) == 0 ||
            !lab_socket_write(guest, span_of(m, n)))
            break;
    }
    lab_socket_close(tpm);
}

void lab_paravisor_start(struct lab_paravisor *p, const char *socket)
{
    struct relay r = {
        p, mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)};
    char to[sizeof p->inner + 8], from[sizeof p->inner + 8];
    if (r.last == MAP_FAILED)
        lab_die("no memory");
    snprintf(p->tcti, sizeof p->tcti, "swtpm:path=%s", socket);
    snprintf(to, sizeof to, "%s.ctrl", p->inner);
    snprintf(from, sizeof from, "%s.ctrl", socket);
    int fd = lab_socket_listen(socket);
    if (symlink(to, from) != 0) /* what the chipset says to the TPM is not the paravisor's */
        lab_die("%s: no such link can be made", from);
    p->process = lab_process_fork();
    if (p->process == 0)
        lab_socket_serve(fd, serve, &r);
    lab_socket_close(fd);
    munmap(r.last, sizeof *r.last);
}

void lab_paravisor_stop(struct lab_paravisor *p)
{
    char control[sizeof p->tcti + 8];
    const char *socket = strchr(p->tcti, '=');
    lab_process_stop(p->process);
    p->process = 0;
    if (!socket)
        return;
    snprintf(control, sizeof control, "%s.ctrl", socket + 1);
    unlink(control);
    unlink(socket + 1);
}

void lab_paravisor_free(struct lab_paravisor *p)
{
    lab_paravisor_stop(p);
    EVP_PKEY_free(p->ak);
    *p = (struct lab_paravisor){.process = 0};
}
