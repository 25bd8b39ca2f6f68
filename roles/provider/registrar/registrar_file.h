/*
 * The registrar's fleet as a file, for who has no inventory: CSV with the first line
 * "facility,machine,class,ek,piid", class dtpm or vtpm, ek the SHA-256 of the EK's
 * SubjectPublicKeyInfo and piid 16 bytes, both in hex; no quoting, so a name has no comma. Beside
 * it a directory of small files, each replaced whole: EK.seen and EK.confirmed hold "resetCount
 * restartCount" of a boot; "revoked" the serials of withdrawn certificates in hex, one a line.
 */
#ifndef SITUS_PROVIDER_REGISTRAR_REGISTRAR_FILE_H
#define SITUS_PROVIDER_REGISTRAR_REGISTRAR_FILE_H

#include "frame/file.h"
#include "provider/registrar/registrar.h"

#define REGISTRAR_FILE_MAX (1024 * 1024)

struct registrar_file {
    const char *path; /* of the CSV, which is read again for each machine; NULL: it is what it is */
    struct file csv;
    const char *state;
};

/* registrar_file_open reads and checks every row; an EK or machine twice is refused. state is the
 * directory. Free with registrar_file_close. */
bool registrar_file_open(struct registrar_file *f, const char *csv, const char *state,
                         struct situs_err *err);
void registrar_file_close(struct registrar_file *f);

/* registrar_file_fleet is the file as the registrar wants it. */
struct registrar_fleet registrar_file_fleet(struct registrar_file *f);

/* registrar_file_confirm says that an operator has seen the machine in its place, in this boot;
 * refused unless it is the one that the machine reported last. */
bool registrar_file_confirm(struct registrar_file *f, const char *machine, uint32_t reset_count,
                            uint32_t restart_count, struct situs_err *err);

#endif
