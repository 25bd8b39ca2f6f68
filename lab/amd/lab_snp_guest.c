/* Chips and guests; see lab_snp_guest.h. Offsets are those of AMD 56860, table 23. */
#include "lab/amd/lab_snp_guest.h"

struct lab_snp_chip lab_snp_chip_new(const struct lab_snp *amd, unsigned n)
{
    struct lab_snp_chip c = {.amd = amd, .vcek = lab_snp_vcek(amd)};
    if (n >= LAB_SNP_CHIPS)
        lab_die("chip %u: the lab's AMD made %d", n, LAB_SNP_CHIPS);
    c.vcek.key = (enum lab_snp_key)(LAB_SNP_VCEK + n);
    c.vcek.chip[0] ^= (uint8_t)n;
    return c;
}

struct lab_snp_guest lab_snp_guest_launch(const struct lab_snp_chip *chip,
                                          const uint8_t measurement[48])
{
    struct lab_snp_guest g = {.chip = chip, .signs = chip->vcek.key};
    const struct span certs[] = {lab_snp_cert(chip->amd, &chip->vcek),
                                 lab_snp_issuer(chip->amd, LAB_SNP_ASK),
                                 lab_snp_issuer(chip->amd, LAB_SNP_ARK)};
    lab_snp_report(chip->amd, g.report);
    memcpy(g.report + 0x090, measurement, 48);
    memcpy(g.report + 0x1a0, chip->vcek.chip, 64);
    g.table = lab_snp_table(chip->amd, certs, sizeof certs / sizeof *certs);
    return g;
}

void lab_snp_guest_report(const struct lab_snp_guest *g, const uint8_t report_data[64],
                          uint8_t report[LAB_SNP_REPORT])
{
    memcpy(report, g->report, LAB_SNP_REPORT);
    memcpy(report + 0x050, report_data, 64);
    lab_snp_sign(g->chip->amd, g->signs, report);
}

struct span lab_snp_guest_evidence(const struct lab_snp_guest *g, const uint8_t report_data[64])
{
    uint8_t report[LAB_SNP_REPORT];
    struct lab_buf b = {0};
    lab_snp_guest_report(g, report_data, report);
    lab_buf_bytes(&b, SPAN_ARR(report));
    lab_buf_bytes(&b, g->table);
    return lab_world_keep(g->chip->amd->w, &b);
}
