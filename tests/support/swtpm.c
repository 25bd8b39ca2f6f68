/* Software TPMs for tests; see swtpm.h. */
#include "support/swtpm.h"

#include "support/soft_ca.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "lab/process/lab_socket.h"

/* Control channel commands (tpm_ioctl.h of swtpm): big-endian u32, payload; the answer begins with
 * a u32 result. */
#define CMD_HASH_START 6
#define CMD_HASH_DATA 7
#define CMD_HASH_END 8

#define ROOT "root.pem"

static char pristine[2][64]; /* manufactured TPMs, by identity; removed at exit */
static struct swtpm *running[16];

static void shell(const char *command)
{
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static void clean_up(void)
{
    char command[192];
    for (size_t i = 0; i < 16; i++)
        if (running[i])
            swtpm_end(running[i]);
    for (size_t i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "rm -rf '%s'", pristine[i]);
        if (pristine[i][0] && system(command) != 0)
            perror(pristine[i]);
    }
}

void swtpm_need(void)
{
    if (system("command -v swtpm swtpm_setup swtpm_localca >/dev/null 2>&1") != 0)
        skip();
}

/* Configuration of swtpm_setup and swtpm_localca, all below one directory. */
static const char manufacture[] =
    "set -e; D='%s'; mkdir $D/state; cd $D\n"
    "printf 'create_certs_tool = %%s\\ncreate_certs_tool_config = %%s\\n"
    "create_certs_tool_options = %%s\\nactive_pcr_banks = sha256,sha384\\n' "
    "\"$(command -v swtpm_localca)\" $D/localca.conf $D/localca.options > setup.conf\n"
    "printf 'statedir = %%s\\nsigningkey = %%s/key.pem\\nissuercert = %%s/cert.pem\\n"
    "certserial = %%s/serial\\n' $D/ca $D/ca $D/ca $D/ca > localca.conf\n"
    "printf -- '--platform-manufacturer Lab\\n--platform-version 1\\n--platform-model A\\n' "
    "> localca.options\n"
    "swtpm_setup --tpm2 --tpm-state $D/state --config setup.conf --create-ek-cert --lock-nvram "
    "--pcr-banks sha256,sha384 --vmid test --logfile setup.log >setup.out 2>&1";

static FILE *ca_file(const char *dir, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/ca/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    return f;
}

/* The maker's CA: swtpm_localca would make its own, with two RSA keys of 3072 bits. */
static void make_ca(const char *dir)
{
    const int64_t now = time(NULL), from = now - 3600, to = now + 10 * 365 * INT64_C(86400);
    struct soft_cert root = {.name = "TPM maker's root", .ca = true, .from = from, .to = to};
    struct soft_cert issuer = {
        .name = "TPM maker", .issuer = &root, .ca = true, .from = from, .to = to, .serial = 2};
    char path[128];
    soft_ca_issue(&root);
    soft_ca_issue(&issuer);
    snprintf(path, sizeof path, "%s/ca", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    FILE *key = ca_file(dir, "key.pem"), *cert = ca_file(dir, "cert.pem"),
         *top = ca_file(dir, ROOT);
    assert_true(PEM_write_PrivateKey(key, issuer.key, NULL, NULL, 0, NULL, NULL));
    assert_true(PEM_write_X509(cert, issuer.x509) && PEM_write_X509(top, root.x509));
    assert_int_equal(fclose(key) | fclose(cert) | fclose(top), 0);
}

static const char *manufactured(size_t identity)
{
    static bool registered;
    char command[2048];
    if (!registered)
        atexit(clean_up);
    registered = true;
    char *dir = pristine[identity];
    if (dir[0])
        return dir;
    strcpy(dir, "/tmp/situs-XXXXXX");
    assert_non_null(mkdtemp(dir));
    make_ca(dir);
    snprintf(command, sizeof command, manufacture, dir);
    shell(command);
    return dir;
}

void swtpm_power(struct swtpm *s)
{
    char state[96], server[160], control[160], path[96];
    snprintf(state, sizeof state, "dir=%s/state", s->dir);
    snprintf(server, sizeof server, "type=unixio,path=%s/sock", s->dir);
    snprintf(control, sizeof control, "type=unixio,path=%s/sock.ctrl", s->dir);
    assert_int_equal(s->pid, 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test program that dies takes its TPMs along */
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server,
               "--ctrl", control, "--flags", "not-need-init,startup-clear", NULL);
        _exit(127);
    }
    snprintf(path, sizeof path, "%s/sock", s->dir);
    assert_true(lab_socket_served(path, s->pid));
    assert_true(lab_socket_served(control + strlen("type=unixio,path="), s->pid));
}

void swtpm_make(struct swtpm *s, bool other)
{
    char command[256];
    const char *from = manufactured(other);
    *s = (struct swtpm){.dir = "/tmp/situs-XXXXXX"};
    assert_non_null(mkdtemp(s->dir));
    snprintf(command, sizeof command, "cp -a %s/state %s/ca %s/", from, from, s->dir);
    shell(command);
    snprintf(s->tcti, sizeof s->tcti, "swtpm:path=%s/sock", s->dir);
    for (size_t i = 0; i < 16; i++)
        if (!running[i]) {
            running[i] = s;
            break;
        }
    swtpm_power(s);
}

void swtpm_kill(struct swtpm *s)
{
    char path[96];
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
    snprintf(path, sizeof path, "%s/sock", s->dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/sock.ctrl", s->dir);
    unlink(path);
}

void swtpm_end(struct swtpm *s)
{
    char command[192];
    swtpm_kill(s);
    snprintf(command, sizeof command, "rm -rf '%s'", s->dir);
    if (s->dir[0])
        shell(command);
    for (size_t i = 0; i < 16; i++)
        if (running[i] == s)
            running[i] = NULL;
    *s = (struct swtpm){0};
}

static void control(int fd, uint32_t command, const char *data)
{
    uint8_t message[512] = {0, 0, 0, (uint8_t)command}, answer[4] = {1};
    size_t n = 4;
    if (data) {
        message[7] = (uint8_t)strlen(data);
        memcpy(message + 8, data, strlen(data));
        n = 8 + strlen(data);
    }
    assert_int_equal(write(fd, message, n), n);
    assert_int_equal(recv(fd, answer, 4, MSG_WAITALL), 4);
    assert_true(span_all(SPAN_ARR(answer), 0));
}

void swtpm_launch(struct swtpm *s, const char *data)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s/sock.ctrl", s->dir);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    control(fd, CMD_HASH_START, NULL);
    control(fd, CMD_HASH_DATA, data);
    control(fd, CMD_HASH_END, NULL);
    close(fd);
}

static struct span read_file(const struct swtpm *s, const char *name, uint8_t *room, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/ca/%s", s->dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(room, 1, size, f);
    fclose(f);
    assert_true(n > 0 && n < size);
    return span_of(room, n);
}

struct span swtpm_ca_root(const struct swtpm *s)
{
    static uint8_t room[8192];
    return read_file(s, ROOT, room, sizeof room);
}

struct span swtpm_ca_issuer(const struct swtpm *s)
{
    static uint8_t room[8192];
    return read_file(s, "cert.pem", room, sizeof room);
}
