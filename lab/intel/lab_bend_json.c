/* Bent TCB info and QE identity. */
#include "lab/intel/lab_bend.h"

void lab_bend_qe_identity(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    struct lab_qe_identity *q = &s->collateral.qe_identity;
    if (form == 0) {
        q->after[0] = LAB_REPLACE("\"isvprodid\":2", "\"isvprodid\":3");
    } else if (form == 1) {
        q->signing_key = LAB_KEY_IMPOSTOR;
    } else {
        lab_bend_foreign(&s->collateral.qe_identity_chain);
        s->collateral.qe_identity_chain.certs[0].key = LAB_KEY_CHANNEL;
        q->signing_key = LAB_KEY_CHANNEL;
    }
}

static void swap_levels(struct lab_tcb_levels *levels)
{
    struct lab_tcb_level first = levels->v[0];
    levels->v[0] = levels->v[1];
    levels->v[1] = first;
}

/* A platform that is above the only level in one component and below it in another: neither order
 * of the components as one number may let it pass. */
static void incomparable(struct lab_scene *s)
{
    s->collateral.tcb_info.levels.n = 1;
    struct lab_platform *p = &s->quote.chain.certs[0].sgx;
    p->components[0] = p->cpusvn[0] = 200;
    p->components[7] = p->cpusvn[7] = 200;
    p->components[1] = p->cpusvn[1] = 0;
}

void lab_bend_tcb_form(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    struct lab_tcb_info *t = &s->collateral.tcb_info;
    switch (form) {
    case 0:
        t->components = 15;
        break;
    case 1:
        t->components = 17;
        break;
    case 2:
        swap_levels(&t->levels);
        break;
    case 3:
        t->after[0] = LAB_REPLACE("\"version\":3", "\"version\": 3");
        break;
    case 4:
        t->before[0] = LAB_REPLACE("\"pceId\":\"0000\"", "\"pceId\":\"0000\",\"pceId\":\"0000\"");
        break;
    case 5:
        t->evaluation_number = 1;
        break;
    case 6:
        t->fmspc[0] ^= 1;
        break;
    case 7:
        t->pceid[0] ^= 1;
        break;
    case 8:
        t->before[0] = LAB_REPLACE("\"tcbType\":0", "\"tcbType\":[[[[[[[[[[[[[[[[[[[[[[[[0]"
                                                    "]]]]]]]]]]]]]]]]]]]]]]]");
        break;
    default:
        incomparable(s);
    }
}

void lab_bend_status(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    static const char *const words[] = {
        "OutOfDate",           "OutOfDateConfigurationNeeded",
        "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded",
        "SWHardeningNeeded",   "Revoked",
        "UpToDateIndeed",
    };
    s->collateral.tcb_info.levels.v[0].status = words[form];
}

void lab_bend_kind(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    if (form == 0)
        s->collateral.tcb_info = lab_tcb_info_honest(w, &s->machine, false);
    else if (form == 1)
        s->collateral.qe_identity = lab_qe_identity_honest(w, &s->machine, false);
    else
        s->quote = lab_quote_sgx(w, &s->machine, 3);
}
