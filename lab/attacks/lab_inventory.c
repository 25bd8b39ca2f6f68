/* An owner's inventory in the lab; see lab_inventory.h. */
#include "lab/attacks/lab_inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "endorse/poe/poe.h"
#include "lab/attacks/lab_words.h"
#include "lab/process/lab_warden.h"

#define MACHINE "cloud-a"
#define OWNER "Example Cloud, Inc."
#define HOUR 3600

static void must(bool good, const struct situs_err *err)
{
    if (!good)
        lab_die("inventory: %s: expected %s, got %s", err->field, err->expected, err->got);
}

/* The next act, an hour after the last. */
static const struct fleet_act *next(struct lab_inventory *i)
{
    i->act.at += HOUR;
    i->act.allow_future = i->act.at; /* the lab's clock is its own */
    i->err = (struct situs_err){0};
    return &i->act;
}

static void put_hash(fleet_hash out, struct span bytes)
{
    uint8_t hash[32];
    lab_hash256(hash, bytes);
    text_hex(out, sizeof(fleet_hash), SPAN_ARR(hash));
}

static size_t put_prids(fleet_id out[FLEET_PACKAGES], const struct lab_manifest *m)
{
    for (uint32_t n = 0; n < m->packages; n++)
        text_hex(out[n], sizeof out[n], SPAN_ARR(m->prid[n]));
    return m->packages;
}

void lab_inventory_open(struct lab_inventory *i, struct lab_stage *s)
{
    struct lab_manifest m = lab_manifest_honest(&s->cpu[CLOUD_A].platform, CLOUD_A);
    const struct fleet_names names = {.owner = OWNER, .issuer = "Example Cloud"};
    struct fleet_goods goods = {.machine = MACHINE, .site = "lab-hall-1"};
    bool memory = access("/dev/shm", W_OK) == 0; /* nobody waits for a disk there */
    *i = (struct lab_inventory){.s = s};
    strcpy(i->directory, memory ? "/dev/shm/situs-XXXXXX" : "/tmp/situs-XXXXXX");
    i->act = (struct fleet_act){.operator= "ada", .at = lab_world_at(s->w) - LAB_DAY};
    i->act.allow_future = i->act.at;
    lab_warden_directory(i->directory);
    snprintf(i->path, sizeof i->path, "%s/fleet.db", i->directory);
    must(fleet_create(i->path, &i->act, &i->err), &i->err);
    i->f = fleet_open(i->path, true, &i->err);
    must(i->f, &i->err);
    must(fleet_set(i->f, next(i), &names, &i->err), &i->err);
    goods.n_prids = put_prids(goods.prid, &m);
    put_hash(goods.ek, SPAN_LIT("the EK of cloud-a"));
    must(fleet_add_goods(i->f, next(i), &goods, &i->err), &i->err);
}

void lab_inventory_close(struct lab_inventory *i)
{
    fleet_close(i->f);
    unlink(i->path);
    rmdir(i->directory);
}

void lab_inventory_state(struct lab_inventory *i, const struct lab_platform *p,
                         const struct lab_manifest *m, bool registered)
{
    struct fleet_platform claim = {.machine = MACHINE};
    struct lab_cert pck = lab_cert_pck(i->s->w, p);
    text_hex(claim.piid, sizeof claim.piid, SPAN_ARR(m->piid));
    put_hash(claim.manifest, lab_manifest_make(i->s->w, m));
    claim.n_prids = put_prids(claim.prid, m);
    put_hash(claim.pck, lab_cert_make(i->s->w, &pck));
    text_hex(claim.ppid, sizeof claim.ppid, SPAN_ARR(p->ppid));
    if (registered)
        text_hex(claim.receipt, sizeof claim.receipt, SPAN_ARR(p->ppid));
    must(fleet_add_platform(i->f, next(i), &claim, &i->err), &i->err);
}

bool lab_inventory_confirm(struct lab_inventory *i)
{
    struct fleet_machine m;
    const struct fleet_sight seen = {.piid = m.piid};
    must(fleet_machine_get(i->f, MACHINE, &m, &i->err), &i->err);
    return fleet_confirm(i->f, next(i), MACHINE, &seen, &i->err);
}

static bool sign(void *signer, struct span piid, struct fleet_wish *wish, struct fleet_poe *out,
                 struct situs_err *err)
{
    struct lab_stage *s = (struct lab_stage *)signer;
    struct span bytes = lab_words_poe(s, &s->owner, piid.p, wish->owner,
                                      (struct window){wish->not_before, wish->not_after});
    struct poe poe;
    if (bytes.n > sizeof out->bytes || !poe_read(&poe, bytes, "endorsement", err))
        lab_die("an endorsement that does not fit the inventory");
    memcpy(out->bytes, bytes.p, bytes.n);
    out->n = bytes.n;
    text_hex(out->id, sizeof out->id, poe.id.v);
    return true;
}

struct span lab_inventory_endorse(struct lab_inventory *i)
{
    const struct fleet_act *act = next(i);
    struct fleet_wish wish = {.machine = MACHINE, .owner = OWNER, .life = 30 * LAB_DAY};
    struct fleet_poe poe;
    struct lab_buf b = {0};
    if (!fleet_endorse(i->f, act, &wish, sign, i->s, &poe, &i->err))
        return span_of(NULL, 0);
    lab_buf_bytes(&b, span_of(poe.bytes, poe.n));
    return lab_world_keep(i->s->w, &b);
}

struct span lab_inventory_ready(struct lab_inventory *i)
{
    const struct lab_platform *p = &i->s->cpu[CLOUD_A].platform;
    struct lab_manifest m = lab_manifest_honest(p, CLOUD_A);
    lab_inventory_state(i, p, &m, true);
    must(lab_inventory_confirm(i), &i->err);
    struct span poe = lab_inventory_endorse(i);
    must(poe.n > 0, &i->err);
    return poe;
}

void lab_inventory_end(struct lab_inventory *i, enum fleet_status status)
{
    must(fleet_end(i->f, next(i), MACHINE, status, "the lab's story", &i->err), &i->err);
}

/* What the inventory says is revoked. */
#define REVOKED 16

struct revoked {
    struct lab_revoked v[REVOKED];
    size_t n;
    enum revocation_kind kind;
};

static bool add_revoked(void *to, const struct fleet_revoked *row)
{
    struct revoked *r = (struct revoked *)to;
    size_t size = strlen(row->id) / 2;
    struct lab_revoked *v = &r->v[r->n++];
    *v = (struct lab_revoked){.kind = r->kind, .size = size, .at = row->at};
    while (strcmp(revocation_reason_name(v->reason), row->reason) != 0)
        v->reason++;
    return r->n < REVOKED && size <= sizeof v->id && text_hex_read(v->id, size, span_text(row->id));
}

struct span lab_inventory_revocations(struct lab_inventory *i)
{
    static const enum revocation_kind kinds[] = {REVOCATION_PIID, REVOCATION_PPID, REVOCATION_EK,
                                                 REVOCATION_POE_ID};
    struct revoked r = {.n = 0};
    struct fleet_size size;
    size_t n = 0;
    struct fleet_snapshot taken;
    must(fleet_snapshot_begin(i->f, next(i), "revocation", &taken, &i->err), &i->err);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const char *kind = revocation_kind_name(r.kind = kinds[k]);
        must(fleet_revocations_sizes(i->f, kind, &size, 1, &n, &i->err), &i->err);
        must(n == 0 || fleet_revocations(i->f, kind, size.size, add_revoked, &r, &i->err), &i->err);
    }
    fleet_snapshot_end(i->f);
    return lab_words_revocations(i->s, &i->s->owner, (uint64_t)taken.number, r.v, r.n,
                                 (struct window){taken.at, taken.at + LAB_DAY});
}
