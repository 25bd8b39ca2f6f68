/* The registrar and its fleet: a certificate waits for the provider, is on record before it is
 * given out, and is not given again to a key that was withdrawn. */
#include "provider/fleet/fleet_lists.h"
#include "provider/registrar/registrar_inventory.h"
#include "support/registrar_scene.h"

static void a_new_boot_waits_for_the_provider(void **state)
{
    struct scene *s = *state;
    s->confirmed = false;
    begin(s);
    prove(s);
    not_finished(s, SITUS_NOT_ALLOWED, REGISTRAR_PENDING);
    assert_int_equal(s->boots, 1);
}

/* A certificate is given out only when it is on record, so that it can be withdrawn. */
static void a_certificate_that_is_not_recorded_is_not_given_out(void **state)
{
    struct scene *s = *state;
    s->recorded = false;
    begin(s);
    prove(s);
    not_finished(s, SITUS_MISSING, "");
    assert_int_equal(s->issued, 1);
}

static void a_withdrawn_key_is_not_certified_again(void **state)
{
    struct scene *s = *state;
    uint8_t name[34];
    begin(s);
    prove(s);
    memcpy(name, s->e.ak.name, sizeof name);
    s->withdrawn = SPAN_ARR(name); /* between the two frames */
    not_finished(s, SITUS_REVOKED, "ak");
    assert_int_equal(s->issued, 0);
    enrolment_free(&s->e);
    s->err = (struct situs_err){0};
    s->credential = (struct credential){.id_object_size = 0};
    not_begun(s, SITUS_REVOKED, "ak");
}

static void a_machine_that_left_meanwhile_is_not_certified(void **state)
{
    struct scene *s = *state;
    begin(s);
    prove(s);
    s->listed = false;
    not_finished(s, SITUS_UNKNOWN, "ek");
    s->listed = true;
    s->err = (struct situs_err){0};
    strcpy(s->machine.machine, "host-2");
    not_finished(s, SITUS_MISMATCH, "ek");
}

static int64_t not_before(struct scene *s)
{
    struct window valid;
    size_t padding;
    if (!finish(s))
        fail_msg("%s %s: %s / %s", s->err.part, s->err.field, s->err.expected, s->err.got);
    struct x509 *cert = x509_read(wr_span(&s->out), &padding, "ak", &s->err);
    assert_true(x509_validity(cert, &valid));
    assert_int_equal(valid.to, s->until);
    x509_free(cert);
    return valid.from;
}

/* Whoever saw a break asks for a certificate that begins after it: none begins before its boot was
 * confirmed, nor after now. */
static void a_certificate_begins_after_its_boot_was_confirmed(void **state)
{
    static const int64_t when[][2] = {{0, -300}, {-1000, -300}, {-300, -300},
                                      {-7, -7},  {0, 0},        {500, 0}};
    struct scene *s = *state;
    begin(s);
    prove(s);
    for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
        s->confirmed_at = i == 0 ? 0 : NOW + when[i][0];
        assert_int_equal(not_before(s), NOW + when[i][1]);
    }
}

/* Between find and the word on the boot an operator may have stated another platform instance. */
static void a_certificate_names_the_platform_instance_of_its_boot(void **state)
{
    struct scene *s = *state;
    struct ak_situs m;
    const uint8_t piid[16] = {[0] = 7, [15] = 9};
    size_t padding;
    begin(s);
    prove(s);
    s->piid_at_boot = 9;
    assert_true(finish(s));
    struct x509 *cert = x509_read(wr_span(&s->out), &padding, "ak", &s->err);
    assert_true(ak_situs_read(&m, x509_extension(cert, AK_SITUS_OID), &s->err));
    assert_true(span_equal(m.piid, SPAN_ARR(piid)));
    x509_free(cert);
}

static bool keep_id(void *to, const struct fleet_revoked *r)
{
    strcat(to, r->id);
    return true;
}

/* The Names that situs fleet expects of a key are those that a TPM gives it. */
static void the_templates_name_an_ek_as_its_tpm_does(void **state)
{
    struct scene *s = *state;
    struct ek_name names[4];
    size_t n, padding;
    struct x509 *cert = x509_read(s->claim.ek_cert, &padding, "ek", &s->err);
    struct public_key *key = x509_key(cert, "ek", &s->err);
    assert_true(ek_names_of(key, names, 4, &n));
    assert_int_equal(n, 2); /* L-1, H-1 */
    assert_true(span_equal(span_of(names[0].bytes, names[0].n), tpm_key_name(&s->ek)));
    assert_false(span_equal(span_of(names[1].bytes, names[1].n), tpm_key_name(&s->ek)));
    verify_key_free(key);
    x509_free(cert);
}

/* The inventory of situs fleet: pending until an operator confirms this boot, then certified. */
static void the_inventory_decides_as_a_fleet_does(void **state)
{
    struct scene *s = *state;
    struct registrar_inventory inventory;
    char path[96];
    size_t padding;
    uint8_t ek[32];
    const struct fleet_act act = {.by = "ada", .clock = now};
    struct fleet_goods goods = {.machine = "host-1", .site = "fra", .n_prids = 1};
    struct fleet_platform platform = {.machine = "host-1", .n_prids = 1};
    snprintf(path, sizeof path, "%s/fleet.db", s->swtpm.dir);
    struct x509 *cert = x509_read(s->claim.ek_cert, &padding, "ek", &s->err);
    assert_true(ek_fingerprint(cert, ek));
    x509_free(cert);
    text_hex(goods.ek, sizeof goods.ek, SPAN_ARR(ek));
    memset(goods.prid[0], 'a', 32);
    memset(platform.prid[0], 'a', 32);
    memset(platform.piid, '7', 32);
    memset(platform.manifest, 'b', 64);
    assert_true(fleet_create(path, &act, NULL, &s->err));
    assert_true(registrar_inventory_is(path));
    assert_true(registrar_inventory_open(&inventory, path, now, &s->err));
    s->fleet = registrar_inventory_fleet(&inventory);
    not_begun(s, SITUS_UNKNOWN, "ek");
    s->err = (struct situs_err){0};
    assert_true(fleet_add_goods(inventory.fleet, &act, &goods, &s->err));
    not_begun(s, SITUS_MISSING, "piid");
    s->err = (struct situs_err){0};
    if (!fleet_add_platform(inventory.fleet, &act, &platform, &s->err))
        fail_msg("%s %s: %s", s->err.part, s->err.field, s->err.got);
    begin(s);
    prove(s);
    not_finished(s, SITUS_NOT_ALLOWED, REGISTRAR_PENDING);
    s->err = (struct situs_err){0};
    struct tpm_attest a;
    assert_true(tpm_attest_read(&a, s->proof.attest, &s->err));
    const struct fleet_counts boot = {a.reset_count, a.restart_count};
    const struct fleet_sight seen = {.boot = &boot};
    assert_true(fleet_confirm(inventory.fleet, &act, "host-1", &seen, &s->err));
    not_finished(s, SITUS_MISSING, "pck"); /* what is not endorsed is not certified */
    s->err = (struct situs_err){0};
    memset(platform.pck, 'c', 64);
    memset(platform.ppid, '9', 32);
    memset(platform.receipt, '9', 32);
    assert_true(fleet_add_platform(inventory.fleet, &act, &platform, &s->err));
    if (!finish(s))
        fail_msg("%s %s: %s", s->err.part, s->err.field, s->err.got);
    assert_true(span_all(SPAN_ARR(s->e.machine.piid), 0x77));
    /* the EK's Name is on record, so it is revoked by it */
    assert_true(fleet_end(inventory.fleet, &act, "host-1", FLEET_RETIRED, "old", &s->err));
    char revoked[128] = "";
    assert_true(fleet_revocations(inventory.fleet, "ek", 34, keep_id, revoked, &s->err));
    assert_string_equal(revoked, TEXT_HEX(tpm_key_name(&s->ek)));
    enrolment_free(&s->e);
    assert_false(enrolment_begin(&s->e, &s->registrar, &s->claim, &s->credential, &s->err));
    assert_int_equal(s->err.code, SITUS_REVOKED);
    registrar_inventory_close(&inventory);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_new_boot_waits_for_the_provider),
        WITH(a_certificate_that_is_not_recorded_is_not_given_out),
        WITH(a_withdrawn_key_is_not_certified_again),
        WITH(a_machine_that_left_meanwhile_is_not_certified),
        WITH(a_certificate_begins_after_its_boot_was_confirmed),
        WITH(a_certificate_names_the_platform_instance_of_its_boot),
        WITH(the_templates_name_an_ek_as_its_tpm_does),
        WITH(the_inventory_decides_as_a_fleet_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
