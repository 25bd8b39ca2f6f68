/* Attackers of an SEV-SNP guest; see snp.h. */
#include "weights/snp.h"

#include "support/snp_guest.h"

struct snp_scene {
    const char *name, *text;
    void (*bend)(struct snp_guest *g);
};

static void forged(struct snp_guest *g)
{
    g->signs = LAB_SNP_IMPOSTOR;
    g->resign = true;
}
static void other_chip(struct snp_guest *g)
{
    g->cert.chip[0] ^= 1;
}
static void known_holes(struct snp_guest *g)
{
    g->policy = "{\"simulated\": true, \"require\": [\"genuine\"], "
                "\"snp.tcb\": {\"minimum\": [\"Milan snp=25\"]}}";
}
static void debug(struct snp_guest *g)
{
    g->report[0x08 + 2] |= 0x08; /* AMD 56860, 4.3: bit 19 */
    g->resign = true;
}

static const struct snp_scene scenes[] = {
    {"snp_forged", "SEV-SNP: forged report", forged},
    {"snp_other_chip", "SEV-SNP: certificate of another chip", other_chip},
    {"snp_known_holes", "SEV-SNP: platform with known holes", known_holes},
    {"snp_debug", "SEV-SNP: guest that its host reads", debug},
};

const struct snp_scene *snp_find(const char *name)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (strcmp(scenes[i].name, name) == 0)
            return &scenes[i];
    return NULL;
}

const char *snp_text(const struct snp_scene *scene)
{
    return scene ? scene->text : "";
}

struct weights_ruling snp_run(const struct snp_scene *scene)
{
    struct snp_lab lab;
    snp_lab_new(&lab);
    struct snp_guest g = snp_guest_new(&lab, false);
    if (scene)
        scene->bend(&g);
    const struct situs_result *r = snp_guest_verify(&g);
    struct weights_ruling ruling = {situs_result_trusted(r), situs_result_exit(r), sgx_failed(r)};
    snp_lab_free(&lab);
    return ruling;
}
