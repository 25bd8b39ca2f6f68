/* situs registrar: EK -> AK certificate (PROTOCOLS: registrar), on the provider's side. */
#include "base/text.h"
#include "crypto/ak.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "provider/registrar/registrar_file.h"
#include "provider/registrar/registrar_inventory.h"
#include "provider/registrar/registrar_keys.h"
#include "situs/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CRL_EVERY 3600 /* seconds between CRLs; each is good for a day */
#define CRL_SECONDS (24 * 3600)
#define CRL_ROOM (1024 * 1024)
#define PATH_ROOM 512

struct options {
    const char *socket, *fleet, *ca, *trust, *state, *crl, *hours, *authority, *reference, *confirm,
        *revoke, *boot;
    uint32_t reset_count, restart_count; /* of --boot */
};

/* Everything that a running registrar holds. */
struct service {
    struct options o;
    struct registrar registrar;
    struct registrar_file file;
    struct registrar_inventory inventory;
    struct registrar_fleet fleet;
    struct registrar_keys_state state;
    struct registrar_keys keys;
    struct issuer issuer;
    struct file authority;
    uint8_t authority_name[34];
    int64_t crl_at;
};

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static bool read_options(struct options *o, const struct command *own, int argc, char **argv,
                         int *exit)
{
    const struct option rows[] = {
        OPTION_VALUE("socket", 0, "PATH", &o->socket, "Unix socket to answer on"),
        OPTION_VALUE("fleet", 0, "FILE", &o->fleet, "the machines: inventory or CSV"),
        OPTION_VALUE("state", 0, "DIR", &o->state, "boots and revocations"),
        OPTION_VALUE("ca", 0, "CERT,KEY", &o->ca, "the provider's CA, PEM files"),
        OPTION_VALUE("trust", 't', "FILE", &o->trust, "anchors for tpm-maker and provider"),
        OPTION_VALUE("crl", 0, "FILE", &o->crl, "write the CRL here, DER, every hour"),
        OPTION_VALUE("hours", 0, "N", &o->hours, "validity of certificates, 1 to 24 (24)"),
        OPTION_VALUE("authority", 0, "FILE", &o->authority,
                     "TPMT_PUBLIC of the key that approves hosts (PolicyAuthorize)"),
        OPTION_VALUE("reference", 0, "TEXT", &o->reference, "its policyRef"),
        OPTION_VALUE("confirm", 0, "MACHINE", &o->confirm,
                     "the machine was seen in its place, in the boot of --boot; then exit"),
        OPTION_VALUE("boot", 0, "RESET,RESTART", &o->boot, "the counters that were seen there"),
        OPTION_VALUE("revoke", 0, "SERIAL|NAME", &o->revoke,
                     "withdraw a certificate (32 hex digits), or a key (68: its Name); then exit"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    struct words operands = {.n = 0};
    if (!args_read(&args, argc, argv, &operands, exit))
        return false;
    *exit = EXIT_USAGE;
    const char *missing = !o->state                ? "--state"
                          : o->revoke              ? NULL
                          : !o->fleet              ? "--fleet"
                          : o->confirm && !o->boot ? "--boot"
                          : o->confirm             ? NULL
                          : !o->socket             ? "--socket"
                          : !o->ca                 ? "--ca"
                          : !o->trust              ? "--trust"
                                                   : NULL;
    if (!missing)
        return !o->boot || args_boot(o->boot, &o->reset_count, &o->restart_count);
    out_error("%s is missing", missing);
    out_hint("add %s, as the examples of situs-registrar(1) do", missing);
    return false;
}

static bool load_ca(struct issuer *issuer, const char *pair, struct situs_err *err)
{
    char path[PATH_ROOM];
    struct file cert = {0}, key = {0};
    const char *comma = strchr(pair, ',');
    size_t n = comma ? (size_t)(comma - pair) : sizeof path;
    if (n >= sizeof path)
        return err_fail(err, SITUS_MISSING, "ca", "", SITUS_NO_OFFSET, "CERT,KEY", pair);
    memcpy(path, pair, n);
    path[n] = 0;
    bool ok = file_read(&cert, path, LIMIT_TRUST, err) &&
              file_read(&key, comma + 1, LIMIT_TRUST, err) &&
              issue_load(issuer, file_span(&cert), file_span(&key), err);
    if (key.p)
        explicit_bzero(key.p, key.n);
    file_free(&cert);
    file_free(&key);
    return ok;
}

static bool load_authority(struct service *s, struct situs_err *err)
{
    if (!s->o.authority)
        return true;
    if (!file_read(&s->authority, s->o.authority, LIMIT_ATTEST, err))
        return false;
    struct ak key; /* a signing key like an AK: the same reader gives its Name */
    if (!ak_read(&key, file_span(&s->authority), err))
        return false;
    bool ok = key.name_size == sizeof s->authority_name;
    memcpy(s->authority_name, key.name, ok ? key.name_size : 0);
    ak_free(&key);
    s->registrar.authority_name = SPAN_ARR(s->authority_name);
    s->registrar.authority_ref = span_text(s->o.reference ? s->o.reference : "");
    return ok || err_fail(err, SITUS_UNSUPPORTED, "authority", "name_alg", SITUS_NO_OFFSET,
                          "SHA-256", "another");
}

static bool hours(const char *text, int64_t *seconds, struct situs_err *err)
{
    uint64_t n = 24;
    bool ok = !text || text_number(span_text(text), 1, 24, &n);
    *seconds = (int64_t)n * 3600;
    return ok || err_fail(err, SITUS_NOT_ALLOWED, "hours", "", SITUS_NO_OFFSET, "1 to 24", text);
}

static bool write_crl(struct service *s, struct situs_err *err)
{
    size_t room = CRL_ROOM;
    uint8_t *p = malloc(2 * room);
    struct wr serials = wr_new(p, p ? room : 0), der = wr_new(p ? p + room : NULL, p ? room : 0);
    bool ok =
        p && registrar_keys_revoked(s->o.state, &serials, err) &&
        issue_crl(&s->issuer, wr_span(&serials), now() - 60, now() + CRL_SECONDS, &der, err) &&
        file_write(s->o.crl, wr_span(&der), err);
    free(p);
    return ok;
}

/* An old CRL is refused by verifiers, so a failure here costs the proof, never grants one. */
static void tick(void *context)
{
    struct service *s = context;
    struct situs_err err = {0};
    if (!s->o.crl || now() < s->crl_at)
        return;
    s->crl_at = now() + CRL_EVERY;
    if (!write_crl(s, &err))
        out_failure(&err);
}

/* The inventory of situs fleet where the file is one, else a CSV. */
static bool load_fleet(struct service *s, struct situs_err *err)
{
    bool inventory = registrar_inventory_is(s->o.fleet);
    if (inventory ? !registrar_inventory_open(&s->inventory, s->o.fleet, now, err)
                  : !registrar_file_open(&s->file, s->o.fleet, s->o.state, err))
        return false;
    s->fleet =
        inventory ? registrar_inventory_fleet(&s->inventory) : registrar_file_fleet(&s->file);
    return true;
}

static bool load(struct service *s, const struct situs_trust *trust, struct situs_err *err)
{
    s->state = (struct registrar_keys_state){s->o.state, now};
    s->keys = registrar_keys_of(&s->state);
    s->registrar = (struct registrar){.fleet = &s->fleet,
                                      .keys = &s->keys,
                                      .issuer = &s->issuer,
                                      .trust = &trust->trust,
                                      .now = now,
                                      .tick = tick,
                                      .tick_context = s};
    return load_fleet(s, err) && load_ca(&s->issuer, s->o.ca, err) &&
           hours(s->o.hours, &s->registrar.seconds, err) && load_authority(s, err);
}

static bool serve(struct service *s, struct situs_err *err)
{
    struct wire_server server = {.n = 0};
    const struct wire_handler handler = registrar_handler(&s->registrar);
    int stop = wire_stop();
    bool ok = wire_listen(&server, s->o.socket, err);
    if (ok)
        out_note("enrolling on %s", s->o.socket);
    ok = ok && wire_serve(&server, &handler, stop, err);
    wire_close(&server);
    close(stop);
    return ok;
}

static bool confirm(struct service *s, struct situs_err *err)
{
    if (registrar_inventory_is(s->o.fleet)) {
        err_fail(err, SITUS_NOT_ALLOWED, "fleet", "", SITUS_NO_OFFSET, "a CSV", "an inventory");
        return err_hint(err, "situs fleet confirm does that for an inventory");
    }
    bool ok =
        registrar_file_open(&s->file, s->o.fleet, s->o.state, err) &&
        registrar_file_confirm(&s->file, s->o.confirm, s->o.reset_count, s->o.restart_count, err);
    if (ok)
        out_note("%s is confirmed in this boot", s->o.confirm);
    return ok;
}

static int ended(bool ok, const struct situs_err *err)
{
    if (ok)
        return EXIT_GOOD;
    out_failure(err);
    return exits_of(err);
}

static int answer(void *service, const struct situs_trust *trust)
{
    struct service *s = service;
    struct situs_err err = {0};
    bool ok = load(s, trust, &err) && serve(s, &err);
    return ended(ok, &err);
}

/* change does one thing of the state, and answers nobody. */
static int change(struct service *s)
{
    struct situs_err err = {0};
    bool ok = s->o.revoke ? registrar_keys_revoke(s->o.state, s->o.revoke, &err) : confirm(s, &err);
    return ended(ok, &err);
}

command_function cmd_registrar;
int cmd_registrar(const struct command *own, int argc, char **argv)
{
    struct service s = {0};
    int exit;
    if (!read_options(&s.o, own, argc, argv, &exit))
        return exit;
    exit = s.o.revoke || s.o.confirm ? change(&s) : load_with_trust(s.o.trust, answer, &s);
    issue_free(&s.issuer);
    registrar_file_close(&s.file);
    registrar_inventory_close(&s.inventory);
    file_free(&s.authority);
    return exit;
}
