/*
 * lab-snp DIR: writes the report of a guest on a chip of the lab's AMD, and what a stand-in for AMD's key distribution
 * service answers about it, for tests. DIR/trust.json names the lab's root.
 *
 *     report.bin, masked.bin        of chip 0, version 3, without a certificate table; masked: without CHIP_ID
 *     vcek.der, other-vcek.der      the certificate of its key, and that of chip 1
 *     cert_chain                    ASK and ARK, PEM
 *     ark.crl, ark-revoked.crl      the ARK's CRL; the second takes the ASK back
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "lab/amd/lab_snp_guest.h"
#include "lab/intel/lab_cert.h"

static void put(const char *directory, const char *name, struct span bytes)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
        lab_die("cannot write %s/%s", directory, name);
}

static void put_reports(const char *directory, const struct lab_snp_chip *chip)
{
    static const uint8_t measurement[48] = {1}, data[64];
    uint8_t report[LAB_SNP_REPORT];
    struct lab_snp_guest g = lab_snp_guest_launch(chip, measurement);
    lab_snp_guest_report(&g, data, report);
    put(directory, "report.bin", SPAN_ARR(report));
    memset(g.report + 0x1a0, 0, 64); /* CHIP_ID (AMD 56860, table 23) */
    lab_snp_guest_report(&g, data, report);
    put(directory, "masked.bin", SPAN_ARR(report));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        lab_die("usage: lab-snp DIR");
    mkdir(argv[1], 0777); /* may exist */
    struct lab_world *w = lab_world_new(time(NULL));
    struct lab_snp amd = lab_snp_new(w);
    struct span ark = lab_snp_issuer(&amd, LAB_SNP_ARK), ask = lab_snp_issuer(&amd, LAB_SNP_ASK);
    struct lab_snp_chip chip = lab_snp_chip_new(&amd, 0), other = lab_snp_chip_new(&amd, 1);
    struct lab_buf chain = {0};
    lab_pem(&chain, ask);
    lab_pem(&chain, ark);
    put_reports(argv[1], &chip);
    put(argv[1], "vcek.der", lab_snp_cert(&amd, &chip.vcek));
    put(argv[1], "other-vcek.der", lab_snp_cert(&amd, &other.vcek));
    put(argv[1], "cert_chain", lab_buf_span(&chain));
    put(argv[1], "ark.crl", lab_snp_crl(&amd, ark, 0));
    put(argv[1], "ark-revoked.crl", lab_snp_crl(&amd, ark, LAB_SNP_ASK_SERIAL));
    put(argv[1], "trust.json", lab_snp_trust(&amd, ark));
    lab_buf_free(&chain);
    lab_snp_free(&amd);
    lab_world_free(w);
    return 0;
}
