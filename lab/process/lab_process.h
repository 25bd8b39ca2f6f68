/*
 * Programs of the lab: TPMs, quote services, agents. Each is a child that dies with its parent, so
 * that nothing outlives a test or a demo, however that ends.
 */
#ifndef SITUS_LAB_PROCESS_H
#define SITUS_LAB_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * lab_process_fork is fork: 0 in the child, which is killed when its parent ends and must end by
 * _exit. At exit the parent stops every child that still runs.
 */
pid_t lab_process_fork(void);

/* lab_process_start runs a program with these arguments (the last is NULL), its output and errors
 * appended to a file (NULL: thrown away). A program that cannot be run ends with 127. */
pid_t lab_process_start(const char *const *argv, const char *log);

/* lab_process_wait waits for the child's end: its exit code, or 128 and the signal. */
int lab_process_wait(pid_t child);

/* lab_process_run starts a program and waits. */
int lab_process_run(const char *const *argv, const char *log);

/* lab_process_show runs a program of that path with these arguments, the first its name, before the
 * user's eyes, and waits. */
int lab_process_show(const char *program, const char *const *argv);

/* lab_process_alive says that the child still runs. */
bool lab_process_alive(pid_t child);

/* lab_process_stop asks the child to end (SIGTERM), after a second kills it, and waits for it. 0 is
 * allowed. */
void lab_process_stop(pid_t child);

/* lab_process_stop_all stops every child, the newest first. */
void lab_process_stop_all(void);

#endif
