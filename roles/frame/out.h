/* Output: data on stdout, talk on stderr. Nothing written to stdout is lost silently. */
#ifndef SITUS_FRAME_OUT_H
#define SITUS_FRAME_OUT_H

#include "base/err.h"
#include "base/wr.h"

/* out_error prints "situs: error: ..." and out_hint "situs: hint: ..." to stderr, one line each;
 * out_note prints "situs: ...". Control characters in the text come out as '?'. */
void out_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* out_wait tells what is waited for, once two seconds have passed and then every ten, until it is
 * called with NULL. It owns SIGALRM meanwhile: what is waited in must go on after EINTR. */
void out_wait(const char *what);

/* out_step prints what an exchange does, with the milliseconds since out_verbose was called; before
 * that it prints nothing. Never a secret. */
void out_verbose(void);
void out_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* out_words takes the words of the command line (NULL behind the last), which the caller keeps: a file
 * that an error had to cut is told whole. */
void out_words(char *const *argv);

/* out_failure prints a reader's error with its field, offset, expected, got and hint. */
void out_failure(const struct situs_err *err);

/* out_failure_of is out_failure for a reader that does not know the file: its name comes first. */
void out_failure_of(const char *file, const struct situs_err *err);

/* out_print and out_bytes write data to stdout; a failure is remembered for out_finish. */
void out_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_bytes(struct span s);

/* out_written writes what a writer has, a line's end behind it where it is JSON; of output that was cut it writes
 * nothing, and out_finish says so. */
void out_written(const struct wr *w, bool json);

/* out_report writes a report of n bytes that was made in room, a line's end behind it where it is JSON,
 * and returns exit; of one that did not fit (n is room or more) it says so: 1. */
int out_report(const char *text, size_t n, size_t room, bool json, int exit);

/* out_finish flushes stdout and returns exit, or 1 (with an error) when any of it could not be
 * written, or did not fit its memory. */
int out_finish(int exit);

/* out_colour says that stdout is a terminal on which colours are wanted (no NO_COLOR,
 * https://no-color.org; TERM not dumb). */
bool out_colour(void);

#endif
