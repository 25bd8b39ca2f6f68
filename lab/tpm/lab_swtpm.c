/* swtpm as a process; see lab_swtpm.h. */
#include "lab/tpm/lab_swtpm.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/rd.h"
#include "base/wr.h"
#include "lab/intel/lab_buf.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"

#define STATE_FILE "tpm2-00.permall" /* swtpm's name for the permanent state */

/* Control commands (swtpm/tpm_ioctl.h). */
#define CMD_SET_LOCALITY 5

/* TPM_ST and TPM_CC (part 2, 6.9 and 6.5.2), TPM_RS_PW and TPM_RH_PLATFORM (7.4). */
#define ST_NO_SESSIONS 0x8001
#define ST_SESSIONS 0x8002
#define CC_CLEAR 0x126
#define CC_PCR_RESET 0x13d
#define CC_PCR_READ 0x17e
#define CC_PCR_EXTEND 0x182
#define RS_PW 0x40000009
#define RH_PLATFORM 0x4000000c

const enum hash lab_swtpm_banks[LAB_TPM_BANKS] = {HASH_SHA256, HASH_SHA384};

static void copy_file(const char *from, const char *to)
{
    static uint8_t bytes[1 << 20];
    FILE *f = fopen(from, "rb");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (n == 0 || n == sizeof bytes || fclose(f) != 0)
        lab_die("cannot read %s", from);
    f = fopen(to, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        lab_die("cannot write %s", to);
}

static void format(char *out, size_t size, const char *a, const char *b, const char *c)
{
    int n = snprintf(out, size, "%s%s%s", a, b, c);
    if (n < 0 || (size_t)n >= size)
        lab_die("%s%s%s: this path is too long for the lab", a, b, c);
}

/* One command and its answer, at a locality. The answer's size; 0 when the TPM is gone. */
static size_t transmit(const struct lab_swtpm *t, unsigned locality, struct span command,
                       uint8_t *answer, size_t room)
{
    uint8_t at = (uint8_t)locality;
    size_t n = 0;
    int fd = lab_socket_connect(t->socket);
    if (fd >= 0 && lab_swtpm_control(t, CMD_SET_LOCALITY, span_of(&at, 1)) &&
        lab_socket_write(fd, command) && lab_socket_read(fd, answer, 10)) {
        n = (size_t)answer[2] << 24 | (size_t)answer[3] << 16 | (size_t)answer[4] << 8 | answer[5];
        if (n < 10 || n > room || !lab_socket_read(fd, answer + 10, n - 10))
            n = 0;
    }
    lab_socket_close(fd);
    at = 0;
    if (locality != 0 && !lab_swtpm_control(t, CMD_SET_LOCALITY, span_of(&at, 1)))
        n = 0;
    return n;
}

/* The start of a command; its size is put in by finish (part 3, 5.2). */
static struct wr start(uint8_t *buffer, size_t size, uint16_t tag, uint32_t code)
{
    struct wr w = wr_new(buffer, size);
    wr_u16be(&w, tag);
    wr_u32be(&w, 0);
    wr_u32be(&w, code);
    return w;
}

/* A handle and the empty password for it (part 1, 18.4: TPMS_AUTH_COMMAND). */
static void handle_with_password(struct wr *w, uint32_t handle)
{
    wr_u32be(w, handle);
    wr_u32be(w, 9); /* bytes of authorization */
    wr_u32be(w, RS_PW);
    wr_u16be(w, 0); /* nonce */
    wr_u8(w, 0);    /* attributes */
    wr_u16be(w, 0); /* password */
}

static uint32_t run(const struct lab_swtpm *t, unsigned locality, struct wr *w, uint8_t *answer,
                    size_t room, size_t *n)
{
    struct wr size = wr_new(w->p + 2, 4);
    wr_u32be(&size, (uint32_t)w->n);
    *n = transmit(t, locality, wr_span(w), answer, room);
    if (*n == 0)
        lab_die("the TPM at %s does not answer", t->socket);
    return (uint32_t)answer[6] << 24 | (uint32_t)answer[7] << 16 | (uint32_t)answer[8] << 8 |
           answer[9];
}

static uint32_t simple(const struct lab_swtpm *t, unsigned locality, struct wr *w)
{
    uint8_t answer[256];
    size_t n;
    return run(t, locality, w, answer, sizeof answer, &n);
}

uint32_t lab_swtpm_extend(const struct lab_swtpm *t, unsigned locality, unsigned pcr,
                          struct span measured)
{
    uint8_t hashed[HASH_MAX_SIZE];
    uint8_t command[256];
    struct wr w = start(command, sizeof command, ST_SESSIONS, CC_PCR_EXTEND);
    handle_with_password(&w, pcr);
    wr_u32be(&w, LAB_TPM_BANKS); /* TPML_DIGEST_VALUES */
    for (size_t i = 0; i < LAB_TPM_BANKS; i++) {
        wr_u16be(&w, hash_tpm(lab_swtpm_banks[i]));
        if (!digest(lab_swtpm_banks[i], measured, hashed))
            lab_die("OpenSSL does not hash");
        wr_bytes(&w, span_of(hashed, hash_size(lab_swtpm_banks[i])));
    }
    return simple(t, locality, &w);
}

uint32_t lab_swtpm_pcr_reset(const struct lab_swtpm *t, unsigned pcr)
{
    uint8_t command[64];
    struct wr w = start(command, sizeof command, ST_SESSIONS, CC_PCR_RESET);
    handle_with_password(&w, pcr);
    return simple(t, 0, &w);
}

uint32_t lab_swtpm_clear(const struct lab_swtpm *t)
{
    uint8_t command[64];
    struct wr w = start(command, sizeof command, ST_SESSIONS, CC_CLEAR);
    handle_with_password(&w, RH_PLATFORM);
    return simple(t, 0, &w);
}

void lab_swtpm_pcr(const struct lab_swtpm *t, enum hash bank, unsigned pcr,
                   uint8_t value[HASH_MAX_SIZE])
{
    uint8_t command[32], answer[256], select[3] = {0};
    struct situs_err err = {0};
    size_t n;
    select[pcr / 8] = (uint8_t)(1 << pcr % 8);
    struct wr w = start(command, sizeof command, ST_NO_SESSIONS, CC_PCR_READ);
    wr_u32be(&w, 1); /* TPML_PCR_SELECTION: one bank, three bytes */
    wr_u16be(&w, hash_tpm(bank));
    wr_u8(&w, sizeof select);
    wr_bytes(&w, SPAN_ARR(select));
    if (run(t, 0, &w, answer, sizeof answer, &n) != 0)
        lab_die("the TPM at %s reads no PCR", t->socket);
    /* header 10, update counter 4, the selection as asked 10, count 4, size 2 (part 3, 22.4) */
    struct rd r = rd_new(span_of(answer, n), 0, "answer", &err);
    rd_bytes(&r, 10 + 4 + 10 + 4 + 2, "head");
    struct span got = rd_bytes(&r, hash_size(bank), "digest");
    if (!rd_end(&r, "answer"))
        lab_die("the TPM at %s has no such bank", t->socket);
    memcpy(value, got.p, got.n);
}

bool lab_swtpm_control(const struct lab_swtpm *t, uint32_t command, struct span payload)
{
    char path[sizeof t->socket + 8];
    const uint8_t code[4] = {0, 0, 0, (uint8_t)command};
    uint8_t result[4] = {1};
    format(path, sizeof path, t->socket, ".ctrl", "");
    int fd = lab_socket_connect(path);
    bool good = fd >= 0 && lab_socket_write(fd, SPAN_ARR(code)) && lab_socket_write(fd, payload) &&
                lab_socket_read(fd, result, sizeof result) && span_all(SPAN_ARR(result), 0);
    lab_socket_close(fd);
    return good;
}

void lab_swtpm_resume(struct lab_swtpm *t)
{
    char state[256], server[160], control[160], log[256];
    format(state, sizeof state, "dir=", t->state, "");
    format(server, sizeof server, "type=unixio,path=", t->socket, "");
    format(control, sizeof control, "type=unixio,path=", t->socket, ".ctrl");
    format(log, sizeof log, t->state, "/log", "");
    const char *const argv[] = {"swtpm",
                                "socket",
                                "--tpm2",
                                "--tpmstate",
                                state,
                                "--server",
                                server,
                                "--ctrl",
                                control,
                                "--flags",
                                "not-need-init,startup-clear",
                                NULL};
    t->process = lab_process_start(argv, log);
    int fd = lab_socket_connect(t->socket);
    if (fd < 0)
        lab_die("swtpm does not start; see %s", log);
    lab_socket_close(fd);
}

struct lab_swtpm lab_swtpm_start(const char *pristine, const char *state, const char *socket)
{
    struct lab_swtpm t = {.process = 0};
    char from[256], to[256];
    format(t.state, sizeof t.state, state, "", "");
    format(t.socket, sizeof t.socket, socket, "", "");
    format(t.tcti, sizeof t.tcti, "swtpm:path=", socket, "");
    format(from, sizeof from, pristine, "/", STATE_FILE);
    format(to, sizeof to, state, "/", STATE_FILE);
    if (mkdir(state, 0700) != 0)
        lab_die("%s: %s", state, strerror(errno));
    copy_file(from, to);
    lab_swtpm_resume(&t);
    return t;
}

void lab_swtpm_stop(struct lab_swtpm *t)
{
    char path[sizeof t->socket + 8];
    lab_process_stop(t->process);
    t->process = 0;
    format(path, sizeof path, t->socket, ".ctrl", "");
    remove(path);
    remove(t->socket);
}
