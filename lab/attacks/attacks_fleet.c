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

/* The TPM of the machine in the cloud, by a Name: nobody asks it anything here. */
static const uint8_t cloud_ek[34] = {0, 0x0b, 'c', 'l', 'o', 'u', 'd', '-', 'a'};

/* What the owner says of the machine as it is now: an endorsement, or (listed) a list. */
static struct span word_of(struct lab_inventory *i, bool listed)
{
    return listed ? lab_inventory_list(i) : lab_inventory_endorse(i);
}

/* The inventory must not list the machine; where it would not endorse it either, for this
 * reason. */
static void unlisted(struct lab_inventory *i, const char *field)
{
    if (lab_inventory_list(i).n)
        lab_die("the inventory listed a machine that it does not endorse");
    refused(i, field);
}

/* Whoever is refused another word shows the one from before. */
static void show_word(struct lab_attack *x, struct lab_inventory *i, struct span word, bool listed)
{
    if (listed)
        lab_words_add(&x->e, "list.cose", word);
    show(x, i, listed ? span_of(NULL, 0) : word);
}

/*
 * Somebody states a new platform instance for the owner's machine, as after maintenance. The
 * owner's own story is the honest twin: the same packages, registered, seen, endorsed or listed.
 */
struct story {
    uint32_t strange; /* packages that nobody delivered */
    bool bare;        /* no Platform Manifest: a PCK certificate alone */
    bool registered, seen, listed;
    const char *why; /* the inventory refuses */
};

static void maintain(struct lab_attack *x, const struct story *t)
{
    struct lab_inventory i;
    enum lab_place place = x->honest ? REBUILT : BASEMENT;
    const struct lab_platform *p = &x->s->cpu[place].platform;
    struct lab_manifest m = lab_manifest_honest(p, CLOUD_A); /* the packages of the machine */
    lab_inventory_open(&i, x->s, CLOUD_A, cloud_ek);
    struct span poe = lab_inventory_ready(&i);
    struct span word = t->listed ? lab_inventory_list(&i) : poe;
    for (uint32_t n = 0; !x->honest && n < t->strange; n++)
        m.prid[m.packages - 1 - n][1] ^= 1;
    if (t->bare && !x->honest)
        lab_inventory_state_pck(&i, p);
    else
        lab_inventory_state(&i, p, &m, t->registered || x->honest);
    if ((x->honest || t->seen) && !lab_inventory_confirm(&i))
        lab_die("the inventory confirms nothing: %s", i.err.field);
    if (x->honest)
        word = word_of(&i, t->listed);
    else if (t->listed)
        unlisted(&i, t->why);
    else
        refused(&i, t->why);
    attest_at(x, place);
    show_word(x, &i, word, t->listed);
    lab_inventory_close(&i);
}

void attack_pulled_cpu(struct lab_attack *x)
{
    maintain(x, &(struct story){.registered = true, .why = "status"});
}

void attack_strange_cpu(struct lab_attack *x)
{
    maintain(x, &(struct story){.strange = 1, .registered = true, .seen = true, .why = "prid"});
}

void attack_invented_manifest(struct lab_attack *x)
{
    maintain(x, &(struct story){.seen = true, .why = "receipt"});
}

void attack_pulled_cpu_listed(struct lab_attack *x)
{
    maintain(x, &(struct story){.registered = true, .listed = true, .why = "status"});
}

void attack_strange_cpu_listed(struct lab_attack *x)
{
    maintain(x, &(struct story){
                    .strange = 1, .registered = true, .seen = true, .listed = true, .why = "prid"});
}

void attack_invented_manifest_listed(struct lab_attack *x)
{
    maintain(x, &(struct story){.seen = true, .listed = true, .why = "receipt"});
}

void attack_basement_listed(struct lab_attack *x)
{
    maintain(x, &(struct story){.bare = true, .seen = true, .listed = true, .why = "manifest"});
}

/* The owner's bare-metal machine, launched; the registrar certifies what its inventory lets it. */
static void launched(struct lab_attack *x, struct lab_inventory *i)
{
    struct lab_launch l = lab_drtm_honest();
    const struct lab_platform *p = &x->s->cpu[METAL].platform;
    struct lab_manifest m = lab_manifest_honest(p, METAL);
    x->host = lab_stage_host(x->s, METAL, &l, LAB_AK_D);
    lab_inventory_open(i, x->s, METAL, x->host.dtpm.ek_name);
    lab_inventory_state(i, p, &m, true);
}

static bool reports(struct lab_attack *x, struct lab_inventory *i)
{
    const struct lab_soft_tpm *t = &x->host.dtpm;
    return lab_inventory_boot(i, t->ek_name, t->reset_count, t->restart_count);
}

/* The machine reports its boot, an operator sees it there, and its key is certified. */
static void enrolled(struct lab_attack *x, struct lab_inventory *i)
{
    const struct lab_soft_tpm *t = &x->host.dtpm;
    const struct lab_identity m = {"lab-hall-1", "metal-1", 0, x->s->cpu[METAL].platform.piid};
    if (reports(x, i))
        lab_die("the registrar certifies a boot that nobody has seen");
    if (!lab_inventory_confirm_boot(i, t->reset_count, t->restart_count) || !reports(x, i))
        lab_die("the registrar certifies nothing: %s", i->err.field);
    x->host.ak_cert = lab_stage_certify(x->s, &x->s->provider, &x->host.dtpm, &m);
}

static void gone(struct lab_attack *x, struct lab_inventory *i)
{
    x->e = lab_host_attest(&x->host, x->d, x->nonce);
    show(x, i, span_of(NULL, 0));
    lab_inventory_close(i);
}

/* The board was swapped; the old TPM is kept in power, so that its boot is still the confirmed
 * one. */
void attack_swapped_tpm(struct lab_attack *x)
{
    const uint8_t other[34] = {0, 0x0b, 'a', 'n', 'o', 't', 'h', 'e', 'r'};
    struct lab_inventory i;
    launched(x, &i);
    enrolled(x, &i);
    if (!x->honest) {
        lab_inventory_swap(&i, other);
        if (lab_inventory_boot(&i, other, 1, 0) || !lab_inventory_confirm_boot(&i, 1, 0) ||
            !lab_inventory_boot(&i, other, 1, 0))
            lab_die("the new TPM is not enrolled: %s", i.err.field);
        if (reports(x, &i) || strcmp(i.err.field, "ek") != 0)
            lab_die("the registrar certifies a key of a TPM that was swapped");
    }
    gone(x, &i);
}

/* A thief starts the machine elsewhere and reports that, while the operator walks back from the
 * rack where she saw the boot before. */
void attack_confirmed_thief(struct lab_attack *x)
{
    struct lab_inventory i;
    launched(x, &i);
    enrolled(x, &i);
    if (!x->honest) {
        uint32_t seen = x->host.dtpm.reset_count++;
        if (reports(x, &i))
            lab_die("the registrar certifies a boot that nobody has seen");
        if (lab_inventory_confirm_boot(&i, seen, x->host.dtpm.restart_count) ||
            strcmp(i.err.field, "boot") != 0 || lab_inventory_confirm(&i) || reports(x, &i))
            lab_die("the inventory confirms a boot that nobody has seen");
    }
    gone(x, &i);
}

/* The machine leaves the owner; where it turns up, it shows the endorsement that it had. */
static void leave(struct lab_attack *x, enum fleet_status how, enum lab_place turns_up)
{
    struct lab_inventory i;
    lab_inventory_open(&i, x->s, CLOUD_A, cloud_ek);
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
    lab_inventory_open(&i, x->s, CLOUD_A, cloud_ek);
    struct span poe = lab_inventory_ready(&i);
    attest_at(x, CLOUD_A);
    show(x, &i, poe);
    lab_inventory_close(&i);
}
