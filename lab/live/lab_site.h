/*
 * A site: a directory of a simulated data centre, with everything that outlasts a machine (the
 * maker of its TPMs, the provider's CA, the fleet, the registrar) and what a verifier needs to
 * judge its machines. Sockets lie in a directory of their own under /tmp, since their paths must be
 * short.
 *
 *     DIR/trust.json, collateral.json, policy-managed.json, policy-metal.json, policy-snp.json,
 *     policy-azure.json, provider.crl
 *     DIR/intel                  keys and signatures of the simulated Intel, kept for a week
 *     DIR/amd                    the simulated AMD's root
 *     DIR/azure                  the CA that certifies keys of machines under a paravisor
 *     DIR/maker, DIR/provider    CAs and pristine TPMs (lab_maker.h): dTPMs, vTPMs
 *     DIR/fleet.csv, DIR/registrar
 *     DIR/MACHINE                logs, certificates and state of one machine
 */
#ifndef SITUS_LAB_LIVE_SITE_H
#define SITUS_LAB_LIVE_SITE_H

#include <sys/types.h>

#include "lab/amd/lab_snp_guest.h"
#include "lab/tpm/lab_maker.h"

#define LAB_PATH 200

struct lab_site {
    struct lab_world *w;
    char program[LAB_PATH]; /* the situs program, whose roles are run */
    char directory[120], run[32];
    struct lab_maker dtpms, vtpms; /* the TPM maker; the provider */
    struct lab_ca azure;
    struct lab_snp amd;
    struct lab_snp_chip chip;
    char registrar[LAB_PATH]; /* its socket */
    pid_t registrar_process;
    bool verbose; /* attester, host and agent tell their steps in DIR/log */
};

/* lab_site_open opens or makes a site, with the machines of the fleet, and starts its registrar.
 * Close with lab_site_close, which stops everything and removes the sockets. */
void lab_site_open(struct lab_site *s, const char *program, const char *directory);
void lab_site_close(struct lab_site *s);

/* lab_site_path writes "DIR/a/b", lab_site_socket the same below the sockets' directory; too long
 * is a mistake. b may be NULL. */
void lab_site_path(const struct lab_site *s, char path[LAB_PATH], const char *a, const char *b);
void lab_site_socket(const struct lab_site *s, char path[LAB_PATH], const char *a, const char *b);

/* lab_site_write writes a file of the site. */
void lab_site_write(const char *path, struct span bytes);

/* lab_site_run runs situs with these arguments (the last NULL) and waits: its exit code. Its talk
 * goes to DIR/log. */
int lab_site_run(const struct lab_site *s, const char *const *arguments);

/* lab_site_start is the same without waiting. */
pid_t lab_site_start(const struct lab_site *s, const char *const *arguments);

/* lab_site_confirm is the provider's operator, who has seen the machine in its place. */
struct lab_live_row;
void lab_site_confirm(const struct lab_site *s, const struct lab_live_row *row);

#endif
