/* Attackers of an enclave; see sgx.h. */
#include "weights/sgx.h"

#include <jansson.h>

#include "support/lab_machine.h"

/* A quote and its collateral, honest until bent. */
struct sgx_case {
    struct lab_quote quote;
    struct lab_collateral collateral;
};

struct sgx_scene {
    const char *name, *text;
    void (*bend)(struct sgx_case *c);
};

static void forged(struct sgx_case *c)
{
    c->quote.signing_key = LAB_KEY_IMPOSTOR;
}
static void own_pck(struct sgx_case *c)
{
    struct lab_cert *pck = &c->quote.chain.certs[0];
    pck->key = pck->signing_key = c->quote.pck_key = LAB_KEY_IMPOSTOR;
}
static void known_holes(struct sgx_case *c)
{
    c->collateral.tcb_info.levels.v[0].status = "OutOfDate";
}
static void debug(struct sgx_case *c)
{
    c->quote.sgx.attributes[0] |= 0x02; /* Intel SDM 3D, 38.7.1 */
}

static const struct sgx_scene scenes[] = {
    {"sgx_forged", "SGX: forged quote", forged},
    {"sgx_own_pck", "SGX: own PCK certificate", own_pck},
    {"sgx_known_holes", "SGX: platform with known holes", known_holes},
    {"sgx_debug", "SGX: enclave that its host reads", debug},
};

const struct sgx_scene *sgx_find(const char *name)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (strcmp(scenes[i].name, name) == 0)
            return &scenes[i];
    return NULL;
}

const char *sgx_text(const struct sgx_scene *scene)
{
    return scene ? scene->text : "";
}

lab_checks sgx_failed(const struct situs_result *r)
{
    static char text[256 * 1024];
    lab_checks failed = 0;
    size_t i;
    if (situs_result_json(r, text, sizeof text) >= sizeof text)
        lab_die("a report that is too long");
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *row;
    if (!o)
        lab_die("a report that does not read");
    json_array_foreach(json_object_get(o, "checks"), i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id"));
        const char *outcome = json_string_value(json_object_get(row, "outcome"));
        if (!id || !outcome || check_find(span_text(id)) == CHECK_COUNT)
            lab_die("a check without id or outcome");
        if (strcmp(outcome, "fail") == 0)
            failed |= (lab_checks)1 << check_find(span_text(id));
    }
    json_decref(o);
    return failed;
}

struct weights_ruling sgx_run(const struct sgx_scene *scene)
{
    static struct lab_machine m;
    static uint8_t memory[SITUS_VERIFY_MEMORY];
    struct lab_verifier v;
    lab_machine_new(&m);
    struct sgx_case c = {lab_quote_sgx(m.w, &m.platform, 4),
                         lab_collateral_honest(m.w, &m.platform, false)};
    if (scene)
        scene->bend(&c);
    struct span quote = lab_quote_make(m.w, &c.quote);
    lab_collateral_parts(m.w, &c.collateral, m.parts);
    lab_verifier_new(&v, &m, LAB_MACHINE_GENUINE);
    struct situs_request q = lab_verifier_request(&v, &m, quote);
    q.nonce = q.channel = (struct situs_item){0};
    const struct situs_result *r = situs_verify(&q, (struct situs_memory){memory, sizeof memory});
    if (!r)
        lab_die("no result");
    struct weights_ruling ruling = {situs_result_trusted(r), situs_result_exit(r), sgx_failed(r)};
    lab_verifier_free(&v);
    lab_machine_free(&m);
    return ruling;
}
