/*
 * The kernel's configfs-tsm for one TD or SEV-SNP guest (Linux,
 * Documentation/ABI/testing/configfs-tsm-report): a directory an attester, in which it writes 64
 * bytes to inblob and reads a quote or report from outblob, and of SEV-SNP the host's certificates
 * from auxblob. The kernel's rules are kept: generation counts writes, outblob before inblob is
 * EINVAL, an inblob of more than 64 bytes EFBIG, a privlevel below the floor EINVAL, a failing quote
 * service, or firmware that is asked at a level below the guest's, EIO.
 */
#ifndef SITUS_LAB_TSM_H
#define SITUS_LAB_TSM_H

#include <sys/types.h>

#include "lab/amd/lab_snp_guest.h"
#include "lab/platform/lab_cpu.h"

#define LAB_TSM_ENTRIES 16
#define LAB_TSM_NAME 64

struct lab_tsm_entry {
    char name[LAB_TSM_NAME]; /* empty: free */
    uint8_t in[64];
    size_t in_size;
    unsigned privlevel;
    uint64_t generation, quoted; /* writes; the one that out answers */
    struct span out;
};

struct lab_tsm {
    struct lab_snp_guest snp; /* without a chip: it is a TD */
    unsigned floor;           /* the guest's privilege level */
    struct lab_td td;
    char qgs[108]; /* socket of the VM's quote service */
    struct lab_tsm_entry entry[LAB_TSM_ENTRIES];
};

/* lab_tsm_new is the stand-in for a TD whose quotes come from this socket. */
struct lab_tsm lab_tsm_new(const struct lab_td *td, const char *qgs);

/* lab_tsm_snp is the stand-in for an SEV-SNP guest. */
struct lab_tsm lab_tsm_snp(const struct lab_snp_guest *guest);

/* What the file calls do: 0 or a size, or -errno. path is below the report directory: "NAME" or
 * "NAME/ATTRIBUTE". */
int lab_tsm_make(struct lab_tsm *t, const char *path);
int lab_tsm_remove(struct lab_tsm *t, const char *path);
int lab_tsm_write(struct lab_tsm *t, const char *path, struct span bytes);
ssize_t lab_tsm_read(struct lab_tsm *t, const char *path, uint8_t *out, size_t room);

/* lab_tsm_attribute is the name of attribute i of an entry, and whether it is written (else it is
 * read); NULL after the last. */
const char *lab_tsm_attribute(const struct lab_tsm *t, size_t i, bool *written);

/* lab_tsm_find is the entry of a path; NULL when there is none. attribute is what follows the
 * slash, NULL for the entry itself. */
struct lab_tsm_entry *lab_tsm_find(struct lab_tsm *t, const char *path, const char **attribute);

/*
 * lab_tsm_mount serves it as a file system (FUSE) at an empty directory, in a process of its own; 0
 * when this machine lets us mount none, or situs was built without libfuse3. lab_tsm_unmount ends
 * it.
 */
pid_t lab_tsm_mount(const struct lab_tsm *t, const char *directory);
void lab_tsm_unmount(pid_t process, const char *directory);

#endif
