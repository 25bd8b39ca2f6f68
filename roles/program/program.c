/* Programs; see program.h. */
#include "program/program.h"

#include "frame/exits.h"
#include "frame/out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

/* meson.build: from the folder of situs to the others', and back; or paths from the root. */
static const char to_programs[] = SITUS_TO_PROGRAMS, to_situs[] = SITUS_TO_SITUS;

const char *program_name(enum program program)
{
    static const char *const names[] = {[PROGRAM_situs] = "situs",
                                        [PROGRAM_attest] = "situs-attest",
                                        [PROGRAM_connect] = "situs-connect",
                                        [PROGRAM_fetch] = "situs-fetch",
                                        [PROGRAM_fleet] = "situs-fleet",
                                        [PROGRAM_host] = "situs-host",
                                        [PROGRAM_judge] = "situs-judge",
                                        [PROGRAM_lab] = "situs-lab",
                                        [PROGRAM_registrar] = "situs-registrar",
                                        [PROGRAM_serve] = "situs-serve",
                                        [PROGRAM_watch] = "situs-watch"};
    return names[program];
}

/* own_folder is where this program lies, links followed. */
static bool own_folder(char folder[PATH_MAX], struct stat *self)
{
    ssize_t n = readlink(SELF, folder, PATH_MAX - 1);
    folder[n > 0 ? n : 0] = 0;
    char *slash = strrchr(folder, '/');
    if (slash && n < PATH_MAX - 1 && stat(SELF, self) == 0) {
        *slash = 0;
        return true;
    }
    out_error("situs does not find its own folder: %s", errno ? strerror(errno) : "a long path");
    out_hint("is " SELF " here?");
    return false;
}

/*
 * no_strangers: who can put a program into this folder could have replaced situs itself. Not so
 * where somebody else owns the folder, or in one like /tmp, where everybody may add a file and
 * nobody may replace another's.
 */
static bool no_strangers(const char *folder, const struct stat *self)
{
    struct stat st;
    const mode_t everybody = S_IWOTH | S_ISVTX;
    if (stat(folder, &st) == 0 && (st.st_mode & everybody) != everybody &&
        (st.st_uid == 0 || st.st_uid == self->st_uid || st.st_uid == geteuid()))
        return true;
    out_error("a stranger may have put programs into %s", folder);
    out_hint("keep situs and its programs in folders of one owner, not in one like /tmp");
    return false;
}

/* in_folder looks for the program there. */
static bool in_folder(char path[PATH_MAX], char folder[PATH_MAX], const char *from, const char *to,
                      const char *name)
{
    char raw[2 * PATH_MAX];
    bool absolute = to[0] == '/';
    snprintf(raw, sizeof raw, "%s%s%s", absolute ? "" : from, absolute ? "" : "/", to);
    if (!realpath(raw, folder))
        return false;
    int n = snprintf(path, PATH_MAX, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
    return n < PATH_MAX && access(path, F_OK) == 0;
}

bool program_find(char path[PATH_MAX], enum program program)
{
    char own[PATH_MAX], folder[PATH_MAX];
    struct stat self;
    const char *name = program_name(program);
    const char *installed = program == PROGRAM_situs ? to_situs : to_programs;
    errno = 0;
    if (!own_folder(own, &self))
        return false;
    if (in_folder(path, folder, own, ".", name) || in_folder(path, folder, own, installed, name))
        return no_strangers(folder, &self);
    out_error("the program %s is not here", name);
    out_hint("it belongs into %s, or %s/%s: install all of situs, or what has this part of it", own,
             installed[0] == '/' ? "" : own, installed);
    return false;
}

int program_become(enum program program, char **argv)
{
    char path[PATH_MAX];
    if (!program_find(path, program))
        return EXIT_USAGE;
    execv(path, argv);
    out_error("%s: cannot be run: %s", path, strerror(errno));
    out_hint("is it a program for this machine, and may you run it?");
    return EXIT_USAGE;
}
