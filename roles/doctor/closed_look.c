/* Looks at the points of a closed image; see closed_look.h. Files are the kernel's: proc(5),
 * sysfs(5), kernel_lockdown(7), and the UEFI variables of the Boot Loader Interface. */
#include "doctor/closed_look.h"

#include <ctype.h>
#include <dirent.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT 8192

static struct closed_sight sight(enum look look, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static struct closed_sight sight(enum look look, const char *format, ...)
{
    struct closed_sight s = {.look = look};
    va_list args;
    va_start(args, format);
    vsnprintf(s.what, sizeof s.what, format, args);
    va_end(args);
    for (char *p = s.what; *p; p++) /* names come from files */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return s;
}

static const char *path_of(char path[512], const char *root, const char *name)
{
    snprintf(path, 512, "%s%s", root, name);
    return path;
}

/* The first bytes of a small file as text, without the newline at its end; false: not there. */
static bool text_of(const char *root, const char *name, char text[TEXT])
{
    char path[512];
    FILE *f = fopen(path_of(path, root, name), "re");
    size_t n = f ? fread(text, 1, TEXT - 1, f) : 0;
    text[n] = 0;
    if (n && text[n - 1] == '\n')
        text[n - 1] = 0;
    return f && fclose(f) == 0;
}

static bool is_there(const char *root, const char *name)
{
    char path[512];
    struct stat s;
    return stat(path_of(path, root, name), &s) == 0;
}

/* How many files match, and one of them. */
static size_t matches(const char *root, const char *pattern, char one[160])
{
    char path[512];
    glob_t g;
    size_t n = glob(path_of(path, root, pattern), GLOB_NOSORT, NULL, &g) == 0 ? g.gl_pathc : 0;
    one[0] = 0;
    if (n) {
        snprintf(one, 160, "%.150s", g.gl_pathv[0] + strlen(root));
        globfree(&g);
    }
    return n;
}

/* The word, or "word=...", on the kernel's command line. */
static bool on_command_line(const char *root, const char *word)
{
    char line[TEXT];
    if (!text_of(root, "/proc/cmdline", line))
        return false;
    for (char *rest = line, *one; (one = strsep(&rest, " ")) != NULL;)
        if (strncmp(one, word, strlen(word)) == 0 && strchr("=", one[strlen(word)]))
            return true;
    return false;
}

/* Devices of TPM and TEE that others than their owner may open. */
static struct closed_sight look_agent_only(const char *root)
{
    static const char *const devices[] = {"/dev/tpm0", "/dev/tpmrm0", "/dev/tdx_guest",
                                          "/dev/tdx-guest", "/dev/sev-guest"};
    char path[512];
    size_t n = 0;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct stat s;
        if (stat(path_of(path, root, devices[i]), &s) != 0)
            continue;
        n++;
        if (s.st_mode & 066)
            return sight(LOOK_OPEN, "%s may be opened by more than its owner (mode %o)", devices[i],
                         (unsigned)s.st_mode & 07777);
    }
    return n ? sight(LOOK_CLEAR, "their devices are the owner's alone; who runs as the owner?")
             : sight(LOOK_BLIND, "no device of a TPM or TEE is there: is this the guest?");
}

/* A program that lets somebody in; the name of a process is cut to 15 bytes by the kernel. */
static bool lets_in(const char *name)
{
    static const char *const names[] = {
        "sshd",    "agetty",  "getty",   "mingetty",       "login",           "dropbear",
        "telnetd", "sulogin", "qemu-ga", "systemd-logind", "google_guest_ag", "cloud-init"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], 15) == 0)
            return true;
    return false;
}

static bool any_process(const char *root, char name[TEXT])
{
    char path[512], comm[300];
    DIR *d = opendir(path_of(path, root, "/proc"));
    bool found = false;
    for (struct dirent *e; d && !found && (e = readdir(d)) != NULL;) {
        snprintf(comm, sizeof comm, "/proc/%.255s/comm", e->d_name);
        found = isdigit((unsigned char)e->d_name[0]) && text_of(root, comm, name) && lets_in(name);
    }
    if (d)
        closedir(d);
    return found;
}

/* A user of shadow(5) who can log in: neither locked nor without a password. */
static bool any_password(char *text, char user[64])
{
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        const char *hash = strchr(line, ':');
        if (!hash || strchr("!*", hash[1])) /* locked, or the end of the line */
            continue;
        snprintf(user, 64, "%.*s", (int)(hash - line < 60 ? hash - line : 60), line);
        return true;
    }
    return false;
}

static struct closed_sight look_no_login(const char *root)
{
    char name[TEXT], shadow[TEXT], one[160], user[64];
    if (any_process(root, name))
        return sight(LOOK_OPEN, "%.40s is running", name);
    if (matches(root, "/*/.ssh/authorized_keys", one) ||
        matches(root, "/home/*/.ssh/authorized_keys", one))
        return sight(LOOK_OPEN, "%s is there", one);
    if (!text_of(root, "/etc/shadow", shadow))
        return sight(LOOK_BLIND,
                     "/etc/shadow cannot be read: look as root, or at how users log in");
    if (any_password(shadow, user))
        return sight(LOOK_OPEN, "%s has a password, or needs none", user);
    return is_there(root, "/proc/1/comm")
               ? sight(LOOK_CLEAR, "no getty, sshd or guest agent runs; no user has a password")
               : sight(LOOK_BLIND, "/proc is not mounted");
}

static struct closed_sight look_no_kexec(const char *root)
{
    char text[TEXT];
    if (text_of(root, "/sys/kernel/kexec_loaded", text) && strcmp(text, "1") == 0)
        return sight(LOOK_OPEN, "another kernel is loaded already (/sys/kernel/kexec_loaded)");
    if (!text_of(root, "/proc/sys/kernel/kexec_load_disabled", text))
        return is_there(root, "/proc/sys/kernel/ostype")
                   ? sight(LOOK_CLEAR, "the kernel has no kexec")
                   : sight(LOOK_BLIND, "/proc/sys is not mounted");
    return strcmp(text, "1") == 0 ? sight(LOOK_CLEAR, "kernel.kexec_load_disabled is 1")
                                  : sight(LOOK_OPEN, "kernel.kexec_load_disabled is %.8s", text);
}

static struct closed_sight look_lockdown(const char *root)
{
    char lock[TEXT], modules[TEXT];
    if (!text_of(root, "/sys/kernel/security/lockdown", lock))
        return sight(LOOK_BLIND, "/sys/kernel/security/lockdown is not there: mount securityfs");
    if (strstr(lock, "[none]"))
        return sight(LOOK_OPEN,
                     "lockdown is off: put lockdown=integrity on the measured command line");
    if (text_of(root, "/proc/sys/kernel/modules_disabled", modules) && strcmp(modules, "1") == 0)
        return sight(LOOK_CLEAR, "lockdown is %.40s, and no module can be loaded", lock);
    return sight(LOOK_CLEAR, "lockdown is %.40s; signed modules still load: whose are they?", lock);
}

/* Boot#### of the firmware (UEFI 2.10, 3.3), and a loader that has a menu. */
static struct closed_sight look_no_menu(const char *root)
{
    char one[160];
    const char *vars = "/sys/firmware/efi/efivars";
    if (!is_there(root, vars))
        return sight(LOOK_BLIND, "no firmware variables are mounted: look at the image's ESP");
    size_t n = matches(root,
                       "/sys/firmware/efi/efivars/Boot[0-9A-F][0-9A-F][0-9A-F][0-9A-F]-"
                       "8be4df61-93ca-11d2-aa0d-00e098032b8c",
                       one);
    if (matches(root, "/sys/firmware/efi/efivars/LoaderEntries-*", one))
        return sight(LOOK_OPEN, "a boot loader with a list of entries ran (%.30s)", one + 26);
    if (n > 1)
        return sight(LOOK_OPEN, "the firmware has %zu boot entries (Boot####)", n);
    return sight(LOOK_BLIND,
                 "one boot entry and no loader's list; editors and prompts: see the build");
}

static struct closed_sight look_one_image(const char *root)
{
    char one[160];
    if (matches(root, "/sys/firmware/efi/efivars/StubInfo-*", one))
        return sight(LOOK_CLEAR,
                     "systemd-stub booted a unified image; is its initrd the only one?");
    return sight(LOOK_BLIND, "no stub tells of a unified image: look at how it is built");
}

static struct closed_sight look_no_hibernation(const char *root)
{
    char text[TEXT];
    if (on_command_line(root, "resume"))
        return sight(LOOK_OPEN, "resume= is on the kernel's command line");
    if (on_command_line(root, "nohibernate"))
        return sight(LOOK_CLEAR, "nohibernate is on the kernel's command line");
    if (!is_there(root, "/sys/power"))
        return is_there(root, "/sys/kernel") ? sight(LOOK_CLEAR, "the kernel has no power states")
                                             : sight(LOOK_BLIND, "/sys is not mounted");
    if (text_of(root, "/sys/power/state", text) && strstr(text, "disk"))
        return sight(LOOK_OPEN, "the kernel can hibernate (/sys/power/state): say nohibernate");
    return sight(LOOK_CLEAR, "/sys/power/state has no \"disk\"");
}

/* What a host can hand in beside the measured image. */
static struct closed_sight look_nothing_unmeasured(const char *root)
{
    static const char *const ways[][2] = {
        {"/run/cloud-init/*", "cloud-init ran: metadata of the host"},
        {"/run/credentials/@system/*", "systemd took credentials (SMBIOS, fw_cfg, ESP)"},
        {"/sys/firmware/qemu_fw_cfg/by_name/opt/*", "fw_cfg has files of the host's"},
        {"/run/systemd/generator*/*/*@credstore*", "a unit waits for credentials"}};
    char one[160];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (matches(root, ways[i][0], one))
            return sight(LOOK_OPEN, "%s: %.90s", ways[i][1], one);
    return sight(LOOK_BLIND, "no cloud-init, credential or fw_cfg file; what else the image reads, "
                             "its build says");
}

struct closed_sight closed_look(enum closed_point point, const char *root)
{
    switch (point) {
    case CLOSED_AGENT_ONLY:
        return look_agent_only(root);
    case CLOSED_NO_LOGIN:
        return look_no_login(root);
    case CLOSED_NO_KEXEC:
        return look_no_kexec(root);
    case CLOSED_LOCKDOWN:
        return look_lockdown(root);
    case CLOSED_NO_MENU:
        return look_no_menu(root);
    case CLOSED_ONE_IMAGE:
        return look_one_image(root);
    case CLOSED_NO_HIBERNATION:
        return look_no_hibernation(root);
    case CLOSED_NOTHING_UNMEASURED:
        return look_nothing_unmeasured(root);
    case CLOSED_MEASURED_CONFIG:
        return sight(LOOK_BLIND, "compare \"situs show\" of the log with the files of the build");
    case CLOSED_CAPPED:
        return sight(LOOK_BLIND, "\"situs show\" of the log: the last event of PCR 11 caps it");
    case CLOSED_KEY_INSIDE:
        return sight(LOOK_BLIND,
                     "no private key is in the image: \"situs attest\" makes one a boot");
    case CLOSED_FAILURE_STOPS:
        return sight(LOOK_BLIND, "boot once without a TPM: it must stop");
    case CLOSED_POINTS:
        break;
    }
    return sight(LOOK_BLIND, "no such point");
}

const char *closed_look_name(enum look look)
{
    static const char *const names[LOOKS] = {"blind", "clear", "open"};
    return names[look];
}
