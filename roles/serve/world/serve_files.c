/* Which files are one; see serve_files.h. */
#include "serve/world/serve_files.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS 40 /* followed, as path_resolution(7) does */
#define UNIX "unix:"
#define CREDENTIAL "credential:"
#define OF_POLICY (8 + 2 * SERVE_PATHS) /* places of one, at most */
#define PLACES (32 + 3 * SERVE_SOURCES + (SERVE_POLICIES + 1) * OF_POLICY)

enum use { READS, KEEPS_SECRET, WRITES };

struct place {
    const char *what, *of; /* a member of the configuration, and whose; of NULL: of the whole */
    enum use use;
    bool source; /* it lies in the cache */
    bool aside;  /* files that are full get its name, a dot and 20 digits */
    bool is, in; /* the file is there; its folder is */
    dev_t device, folder_device;
    ino_t inode, folder_inode;
    char path[PATH_MAX]; /* to what is or would be made: no link itself */
};

struct places {
    struct place *v;
    size_t n;
};

/* follow puts the target of a link in the place of its path; false: it is none. */
static bool follow(char path[PATH_MAX])
{
    char link[PATH_MAX], next[2 * PATH_MAX];
    ssize_t n = readlink(path, link, sizeof link - 1);
    const char *slash = strrchr(path, '/');
    if (n <= 0)
        return false;
    link[n] = 0;
    snprintf(next, sizeof next, "%.*s%s", slash && link[0] != '/' ? (int)(slash - path + 1) : 0,
             path, link);
    return snprintf(path, PATH_MAX, "%s", next) < PATH_MAX;
}

static const char *base_of(const struct place *p)
{
    const char *slash = strrchr(p->path, '/');
    return slash ? slash + 1 : p->path;
}

static void folder_of(const struct place *p, char folder[PATH_MAX])
{
    int n = (int)(base_of(p) - p->path);
    snprintf(folder, PATH_MAX, "%.*s", n ? n : 1, n ? p->path : ".");
}

static void look(struct place *p)
{
    struct stat st;
    char folder[PATH_MAX];
    for (int i = 0; i < LINKS && follow(p->path); i++)
        ;
    p->is = stat(p->path, &st) == 0;
    p->device = st.st_dev;
    p->inode = st.st_ino;
    folder_of(p, folder);
    p->in = stat(folder, &st) == 0;
    p->folder_device = st.st_dev;
    p->folder_inode = st.st_ino;
}

/* add notes a place; more is what stands behind the path. */
static struct place *add(struct places *all, enum use use, const char *what, const char *of,
                         const char *path, const char *more)
{
    struct place *p = &all->v[all->n];
    if (!path || strncmp(path, CREDENTIAL, strlen(CREDENTIAL)) == 0 ||
        strncmp(path, SERVE_FETCHED, strlen(SERVE_FETCHED)) == 0)
        return p;
    *p = (struct place){.what = what, .of = of, .use = use};
    if (snprintf(p->path, sizeof p->path, "%s%s", path, more) < (int)sizeof p->path) {
        look(p);
        all->n++;
    }
    return p;
}

static void add_paths(struct places *all, const char *what, const char *of,
                      const struct serve_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        add(all, READS, what, of, paths->v[i], "");
}

static void add_policy(struct places *all, const struct serve_policy *p)
{
    add(all, READS, "policy", p->name, p->file, "");
    add(all, READS, "trust", p->name, p->trust, "");
    add(all, KEEPS_SECRET, "key", p->name, p->key, "");
    add(all, KEEPS_SECRET, "next_key", p->name, p->next_key, "");
    add(all, KEEPS_SECRET, "last_key", p->name, p->last_key, "");
    add_paths(all, "collateral", p->name, &p->collateral);
    add_paths(all, "endorsements", p->name, &p->endorsements);
}

static void add_fetch(struct places *all, const struct serve_fetch *f)
{
    add(all, READS, "cacert", "fetch", f->cacert, "");
    for (size_t i = 0; i < f->n; i++) {
        char path[PATH_MAX];
        serve_source_path(f, i, path);
        add(all, WRITES, "sources", f->v[i].name, path, "")->source = true;
        add(all, READS, "issuer", f->v[i].name, f->v[i].issuer, "");
        add(all, READS, "file", f->v[i].name, f->v[i].file, "");
    }
}

static void add_socket(struct places *all, const char *what, const char *address)
{
    if (address && strncmp(address, UNIX, strlen(UNIX)) == 0)
        add(all, WRITES, what, NULL, address + strlen(UNIX), "");
}

static void add_all(struct places *all, const struct serve_config *c)
{
    static const char *const sqlite[] = {"", "-wal", "-shm", "-journal"};
    add(all, WRITES, "audit.file", NULL, c->audit, "")->aside = true;
    add(all, WRITES, "audit.file (head)", NULL, c->audit, "-head");
    for (size_t i = 0; i < sizeof sqlite / sizeof *sqlite; i++)
        add(all, WRITES, "store.sqlite", NULL, c->store.sqlite, sqlite[i]);
    add(all, WRITES, "store.mark", NULL, c->store_mark, "");
    add(all, WRITES, "watch.mark", NULL, c->machines.mark, "");
    add_socket(all, "listen", c->listen);
    add_socket(all, "listen_private", c->listen_private);
    add(all, READS, "the configuration", NULL, c->file.path, "");
    for (size_t i = 0; i < c->n; i++)
        add_policy(all, &c->policies[i]);
    if (c->alliance.key)
        add_policy(all, &c->alliance);
    add_fetch(all, &c->fetch);
    for (size_t i = 0; i < c->machines.hooks.n; i++)
        add(all, READS, "cacert", c->machines.hooks.v[i].name, c->machines.hooks.v[i].cacert, "");
}

/* is_aside says that a name is one that b will have when it is full. */
static bool is_aside(const struct place *a, const struct place *b)
{
    const char *base = base_of(a), *full = base_of(b);
    size_t n = strlen(full);
    return b->aside && strncmp(base, full, n) == 0 && base[n] == '.' &&
           strspn(base + n + 1, "0123456789") == 20 && strlen(base + n) == 21;
}

static bool are_one(const struct place *a, const struct place *b)
{
    if (a->is && b->is && a->device == b->device && a->inode == b->inode)
        return true;
    return a->in && b->in && a->folder_device == b->folder_device &&
           a->folder_inode == b->folder_inode &&
           (strcmp(base_of(a), base_of(b)) == 0 || is_aside(a, b) || is_aside(b, a));
}

static const char *name_of(const struct place *p, char *text, size_t size)
{
    snprintf(text, size, p->of ? "\"%s\" of \"%s\"" : "\"%s\"", p->what, p->of);
    return text;
}

static bool fail(const struct place *p, enum situs_code code, const char *expected, const char *got,
                 struct situs_err *err)
{
    char name[sizeof err->field];
    err_fail(err, code, "configuration", name_of(p, name, sizeof name), SITUS_NO_OFFSET, expected,
             got);
    return err_hint(err,
                    "one would be lost when the other is written: give each a path of its own, "
                    "and none of them, nor a key, one in the cache");
}

/* differ compares each pair of which one is written. */
static bool differ(const struct places *all, struct situs_err *err)
{
    char other[160];
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; all->v[i].use == WRITES && k < all->n; k++)
            if ((k > i || all->v[k].use != WRITES) && are_one(&all->v[i], &all->v[k]))
                return fail(&all->v[i], SITUS_DUPLICATE, "a file of its own",
                            name_of(&all->v[k], other, sizeof other), err);
    return true;
}

/* lies_in says that a place is below a folder: that it is the place's own or one above that. */
static bool lies_in(const struct place *p, const struct stat *folder)
{
    char own[PATH_MAX], path[PATH_MAX];
    struct stat st;
    folder_of(p, own);
    if (!realpath(own, path))
        return false;
    for (size_t n = strlen(path); n > 0; n = (size_t)(strrchr(path, '/') - path)) {
        path[n] = 0;
        if (stat(path, &st) == 0 && st.st_dev == folder->st_dev && st.st_ino == folder->st_ino)
            return true;
    }
    return false;
}

static bool are_outside(const struct places *all, const char *cache, struct situs_err *err)
{
    struct stat st;
    for (size_t i = 0; cache && stat(cache, &st) == 0 && i < all->n; i++)
        if (all->v[i].use != READS && !all->v[i].source && lies_in(&all->v[i], &st))
            return fail(&all->v[i], SITUS_NOT_ALLOWED, "a path outside of the cache", cache, err);
    return true;
}

/* are_two says that what only the operator's own may ask has a door of its own; port 0 is another each time. */
static bool are_two(const struct serve_config *c, struct situs_err *err)
{
    size_t n = strlen(c->listen);
    if (!c->listen_private || strcmp(c->listen, c->listen_private) != 0 ||
        (n > 2 && strcmp(c->listen + n - 2, ":0") == 0))
        return true;
    err_fail(err, SITUS_DUPLICATE, "configuration", "listen_private", SITUS_NO_OFFSET,
             "another address than \"listen\"", TEXT_CUT(span_text(c->listen)));
    return err_hint(err, "what only the operator's own may ask would be anybody's to ask");
}

bool serve_files_differ(const struct serve_config *c, struct situs_err *err)
{
    struct places all = {.v = calloc(PLACES, sizeof *all.v)};
    if (!all.v)
        return err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
    add_all(&all, c);
    bool ok = are_two(c, err) && differ(&all, err) && are_outside(&all, c->fetch.cache, err);
    free(all.v);
    return ok;
}
