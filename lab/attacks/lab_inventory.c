/* An owner's inventory in the lab; see lab_inventory.h. */
#include "lab/attacks/lab_inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "endorse/poe/poe.h"
#include "lab/attacks/lab_words.h"
#include "lab/process/lab_warden.h"
#include "provider/fleet/fleet_lists.h"

#define MACHINE "ams1-r07-u12"
#define OWNER LAB_WORDS_OWNER
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

/* An EK by its Name: the hash of its key, which the lab does not have, is that of the Name. */
static void put_ek(struct fleet_goods *g, const uint8_t name[34])
{
    put_hash(g->ek, span_of(name, 34));
    text_hex(g->ek_name[0], sizeof g->ek_name[0], span_of(name, 34));
    g->n_ek_names = 1;
}

void lab_inventory_open(struct lab_inventory *i, struct lab_stage *s, enum lab_place place,
                        const uint8_t ek_name[34])
{
    struct lab_manifest m = lab_manifest_honest(&s->cpu[place].platform, place);
    const struct fleet_names names = {.owner = OWNER, .issuer = "Example Cloud"};
    struct fleet_goods goods = {.machine = MACHINE, .site = "lab-hall-1"};
    bool memory = access("/dev/shm", W_OK) == 0; /* nobody waits for a disk there */
    *i = (struct lab_inventory){.s = s, .place = place};
    strcpy(i->directory, memory ? "/dev/shm/situs-XXXXXX" : "/tmp/situs-XXXXXX");
    i->act = (struct fleet_act){.by = "ada", .at = lab_world_at(s->w) - LAB_DAY};
    i->act.allow_future = i->act.at;
    lab_warden_directory(i->directory);
    snprintf(i->path, sizeof i->path, "%s/fleet.db", i->directory);
    must(fleet_create(i->path, &i->act, NULL, &i->err), &i->err);
    i->f = fleet_open(i->path, true, &i->err);
    must(i->f, &i->err);
    must(fleet_set(i->f, next(i), &names, &i->err), &i->err);
    goods.n_prids = put_prids(goods.prid, &m);
    put_ek(&goods, ek_name);
    must(fleet_add_goods(i->f, next(i), &goods, &i->err), &i->err);
}

void lab_inventory_swap(struct lab_inventory *i, const uint8_t ek_name[34])
{
    struct fleet_goods goods = {.machine = MACHINE};
    put_ek(&goods, ek_name);
    must(fleet_maintain(i->f, next(i), MACHINE, &i->err), &i->err);
    must(fleet_add_goods(i->f, next(i), &goods, &i->err), &i->err);
}

void lab_inventory_close(struct lab_inventory *i)
{
    fleet_close(i->f);
    unlink(i->path);
    rmdir(i->directory);
}

static void put_pck(struct lab_inventory *i, const struct lab_platform *p,
                    struct fleet_platform *claim)
{
    struct lab_cert pck = lab_cert_pck(i->s->w, p);
    put_hash(claim->pck, lab_cert_make(i->s->w, &pck));
    text_hex(claim->ppid, sizeof claim->ppid, SPAN_ARR(p->ppid));
}

void lab_inventory_state(struct lab_inventory *i, const struct lab_platform *p,
                         const struct lab_manifest *m, bool registered)
{
    struct fleet_platform claim = {.machine = MACHINE};
    text_hex(claim.piid, sizeof claim.piid, SPAN_ARR(m->piid));
    put_hash(claim.manifest, lab_manifest_make(i->s->w, m));
    claim.n_prids = put_prids(claim.prid, m);
    put_pck(i, p, &claim);
    if (registered)
        text_hex(claim.receipt, sizeof claim.receipt, SPAN_ARR(p->ppid));
    must(fleet_add_platform(i->f, next(i), &claim, &i->err), &i->err);
}

void lab_inventory_state_pck(struct lab_inventory *i, const struct lab_platform *p)
{
    struct fleet_platform claim = {.machine = MACHINE};
    put_pck(i, p, &claim);
    text_hex(claim.piid, sizeof claim.piid, SPAN_ARR(p->piid));
    must(fleet_add_platform(i->f, next(i), &claim, &i->err), &i->err);
}

bool lab_inventory_confirm(struct lab_inventory *i)
{
    struct fleet_machine m;
    const struct fleet_sight seen = {.piid = m.piid};
    must(fleet_machine_get(i->f, MACHINE, &m, &i->err), &i->err);
    return fleet_confirm(i->f, next(i), MACHINE, &seen, &i->err);
}

bool lab_inventory_confirm_boot(struct lab_inventory *i, uint32_t reset, uint32_t restart)
{
    const struct fleet_counts boot = {reset, restart};
    const struct fleet_sight seen = {.boot = &boot};
    return fleet_confirm(i->f, next(i), MACHINE, &seen, &i->err);
}

bool lab_inventory_boot(struct lab_inventory *i, const uint8_t ek_name[34], uint32_t reset,
                        uint32_t restart)
{
    struct fleet_act act = *next(i);
    struct fleet_machine m;
    uint8_t ek[32];
    const struct fleet_report report = {ek, span_of(ek_name, 34), {reset, restart}};
    bool confirmed = false;
    act.by = "registrar";
    lab_hash256(ek, span_of(ek_name, 34));
    return fleet_boot(i->f, &act, &report, &confirmed, &m, &i->err) && confirmed;
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
    const struct lab_platform *p = &i->s->cpu[i->place].platform;
    struct lab_manifest m = lab_manifest_honest(p, i->place);
    lab_inventory_state(i, p, &m, true);
    must(lab_inventory_confirm(i), &i->err);
    struct span poe = lab_inventory_endorse(i);
    must(poe.n > 0, &i->err);
    return poe;
}

/* The machines of a list, as places of the stage. */
struct listed {
    const struct lab_stage *s;
    unsigned places;
};

static bool add_listed(void *to, const char *ppid)
{
    struct listed *l = (struct listed *)to;
    for (unsigned p = 0; p < PLACES; p++)
        if (strcmp(ppid, TEXT_HEX(SPAN_ARR(l->s->cpu[p].platform.ppid))) == 0)
            l->places |= 1U << p;
    return l->places != 0;
}

struct span lab_inventory_list(struct lab_inventory *i)
{
    const struct fleet_listed ours = {.owner = OWNER};
    struct listed l = {.s = i->s};
    struct fleet_snapshot taken;
    must(fleet_snapshot_begin(i->f, next(i), "list", FLEET_ALL, &taken, &i->err), &i->err);
    must(fleet_ids(i->f, &ours, add_listed, NULL, &l, &i->err), &i->err);
    fleet_snapshot_end(i->f);
    if (!l.places)
        return span_of(NULL, 0);
    return lab_words_list(i->s, &i->s->owner, (uint64_t)taken.number, KIND_TDX, l.places,
                          (struct window){taken.at, taken.at + 7 * LAB_DAY});
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
    must(fleet_snapshot_begin(i->f, next(i), "revocation", NULL, &taken, &i->err), &i->err);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const char *kind = revocation_kind_name(r.kind = kinds[k]);
        must(fleet_revocations_sizes(i->f, kind, &size, 1, &n, &i->err), &i->err);
        must(n == 0 || fleet_revocations(i->f, kind, size.size, add_revoked, &r, &i->err), &i->err);
    }
    fleet_snapshot_end(i->f);
    return lab_words_revocations(i->s, &i->s->owner, (uint64_t)taken.number, r.v, r.n,
                                 (struct window){taken.at, taken.at + LAB_DAY});
}
