/* What commands load before they decide anything: evidence, policy, trust anchors, collateral. Each
 * says its own errors on stderr, or the caller does. The zero state of every struct may be freed. */
#ifndef SITUS_FRAME_LOAD_H
#define SITUS_FRAME_LOAD_H

#include "frame/file.h"
#include "situs.h"

/* load_evidence reads a file (file_read) of evidence in any form in which people have it, and leaves
 * in f the bytes that it stands for (situs_evidence_read). False: *exit is 1 when there is no such
 * file, 2 for what it holds. */
bool load_evidence(struct file *f, const char *path, int *exit, struct situs_err *err);

struct loaded_policy {
    const struct situs_policy *policy;
    const char *called; /* in reports; NULL: as its path */
    void *memory;
    struct file file;
    struct situs_err why; /* load_policy gave false: what it said */
};

/* load_policy reads the policy file of that path, or the preset of that name. False (exit 1): said
 * on stderr; an unknown name gets the list of presets. */
bool load_policy(struct loaded_policy *p, const char *name);
void load_policy_free(struct loaded_policy *p);

struct loaded_trust {
    const struct situs_trust *trust;
    void *memory;
    struct file file;
};

/* load_trust reads a trust file; NULL: the built-in anchors. False (exit 1): said on stderr. */
bool load_trust(struct loaded_trust *t, const char *path);
void load_trust_free(struct loaded_trust *t);

/* load_with_trust calls then with what load_trust reads, for as long as it runs, and with of. Returns
 * its exit code; 1: not read, which is said. */
typedef int load_then(void *of, const struct situs_trust *trust);
int load_with_trust(const char *path, load_then *then, void *of);

struct loaded_snapshot {
    struct situs_snapshot *snapshot; /* NULL: not loaded */
    void *memory;
    size_t size; /* of memory */
};

/* load_snapshot verifies the parts; the caller says err. */
bool load_snapshot(struct loaded_snapshot *s, const struct situs_item *parts, size_t n,
                   const struct situs_trust *trust, struct situs_err *err);

/* load_reads says, after that failed, that the parts at least read. */
bool load_reads(const struct loaded_snapshot *s, const struct situs_item *parts, size_t n,
                const struct situs_trust *trust);
void load_snapshot_free(struct loaded_snapshot *s);

struct loaded_endorsements {
    struct situs_endorsements *endorsements; /* NULL: none */
    void *memory;
};

/* load_endorsements reads and verifies n items; none (0) leaves e empty. The caller says err. */
bool load_endorsements(struct loaded_endorsements *e, const struct situs_item *items, size_t n,
                       const struct situs_trust *trust, struct situs_err *err);
void load_endorsements_free(struct loaded_endorsements *e);

/* load_failure says on stderr what is wrong with a file of JSON, by line and column where it has a place; hint is
 * for what is no JSON. */
void load_failure(const char *path, struct span text, const char *hint, struct situs_err *err);

/* load_exit is the exit code of collateral that was not loaded: 3 when it is missing, out of its
 * time or for another platform, else 2. */
int load_exit(const struct situs_err *err);

/* load_own_exit is the same for files of the user's own, after load_snapshot failed: 1 where they do
 * not even read. */
int load_own_exit(const struct loaded_snapshot *s, const struct situs_item *parts, size_t n,
                  const struct situs_trust *trust, const struct situs_err *err);

/* load_presets writes the names of the presets, separated by ", "; returns buffer. */
char *load_presets(char *buffer, size_t size);

#endif
