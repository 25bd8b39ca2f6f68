/*
 * Attackers who want their endorsement from the owner's inventory, or keep one of a machine that
 * has left it; the rows are in attacks.def. What the inventory answers is a real one's answer.
 */
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_inventory.h"
#include "lab/attacks/lab_words.h"

/* A TD on the platform instance at this place; one in the owner's hall has the provider's vTPM. */
static void attest_at(struct lab_attack *x, enum lab_place place)
{
    const uint8_t *piid = x->s->cpu[place].platform.piid;
    const struct lab_identity m = {"lab-hall-1", "cloud-a", 1, piid};
    struct lab_boot boot = lab_firmware_boot();
    x->vm = lab_stage_vm(x->s, place, &boot, &boot);
    x->vm.ak_cert = lab_stage_certify(x->s, &x->s->provider, &x->vm.vtpm, &m);
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
    if (x->honest)
        return;
    x->e.guest.given = false;
    x->e.log_guest = span_of(NULL, 0);
}

static void show(struct lab_attack *x, struct lab_inventory *i, struct span poe)
{
    if (poe.n)
        lab_words_add(&x->e, "endorsement.cbor", poe);
    lab_words_add(&x->e, "revoked.cose", lab_inventory_revocations(i));
}

/* The inventory must say no, for this reason; else the lab's story is wrong. */
static void refused(struct lab_inventory *i, const char *field)
{
    struct span poe = lab_inventory_endorse(i);
    if (poe.n || strcmp(i->err.field, field) != 0)
        lab_die("the inventory %s (%s, not %s)", poe.n ? "endorsed it" : "refused otherwise",
                i->err.field, field);
}

/*
 * Somebody states a new platform instance for the owner's machine, as after maintenance. The
 * owner's own story is the honest twin: the same packages, registered, seen, endorsed.
 */
static void maintain(struct lab_attack *x, uint32_t strange, bool registered, bool seen,
                     const char *why)
{
    struct lab_inventory i;
    enum lab_place place = x->honest ? REBUILT : BASEMENT;
    const struct lab_platform *p = &x->s->cpu[place].platform;
    struct lab_manifest m = lab_manifest_honest(p, CLOUD_A); /* the packages of the machine */
    lab_inventory_open(&i, x->s);
    struct span poe = lab_inventory_ready(&i); /* who is refused another one shows this */
    for (uint32_t n = 0; !x->honest && n < strange; n++)
        m.prid[m.packages - 1 - n][1] ^= 1;
    lab_inventory_state(&i, p, &m, registered || x->honest);
    if ((x->honest || seen) && !lab_inventory_confirm(&i))
        lab_die("the inventory confirms nothing: %s", i.err.field);
    if (x->honest)
        poe = lab_inventory_endorse(&i);
    else
        refused(&i, why);
    attest_at(x, place);
    show(x, &i, poe);
    lab_inventory_close(&i);
}

void attack_pulled_cpu(struct lab_attack *x)
{
    maintain(x, 0, true, false, "status");
}

void attack_strange_cpu(struct lab_attack *x)
{
    maintain(x, 1, true, true, "prid");
}

void attack_invented_manifest(struct lab_attack *x)
{
    maintain(x, 0, false, true, "receipt");
}

/* The machine leaves the owner; where it turns up, it shows the endorsement that it had. */
static void leave(struct lab_attack *x, enum fleet_status how, enum lab_place turns_up)
{
    struct lab_inventory i;
    lab_inventory_open(&i, x->s);
    struct span poe = lab_inventory_ready(&i);
    if (!x->honest) {
        lab_inventory_end(&i, how);
        if (lab_inventory_confirm(&i))
            lab_die("the inventory took back a machine that has left");
        refused(&i, "status");
    }
    attest_at(x, x->honest ? CLOUD_A : turns_up);
    show(x, &i, poe);
    lab_inventory_close(&i);
}

void attack_sold(struct lab_attack *x)
{
    leave(x, FLEET_SOLD, CLOUD_A);
}

void attack_sold_reset(struct lab_attack *x)
{
    leave(x, FLEET_RETIRED, REBUILT);
}

void attack_lost(struct lab_attack *x)
{
    leave(x, FLEET_LOST, CLOUD_A);
}

void attack_not_reported(struct lab_attack *x)
{
    struct lab_inventory i;
    lab_inventory_open(&i, x->s);
    struct span poe = lab_inventory_ready(&i);
    attest_at(x, CLOUD_A);
    show(x, &i, poe);
    lab_inventory_close(&i);
}
