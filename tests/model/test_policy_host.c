/* model/policy: a host's reference pins all that its word stands on, and its events are the values of its registers. */
#include "support/policy_text.h"

#include <stdio.h>

#include "crypto/digest.h"

/* The same, its members left out at will. */
#define HOST_PARTS(name, closed, window, agent, bank, registers, events) \
    "{" name closed window agent bank registers events "}"
#define NAME "\"name\":\"h\","
#define CLOSED "\"closed\":{\"by\":\"us\"},"
#define WINDOW "\"from\":\"" FROM "\",\"to\":\"" TO "\","
#define AGENT "\"agent_co_locates\":true,"
#define BANK "\"bank\":\"sha256\","
#define SETS "\"registers\":[17,18],"
#define ALL "\"events\":[" EVENTS "]"
#define HOSTS(list) GENUINE("\"host.image\":{\"images\":[" list "]}")

static const struct {
    const char *text;
    enum situs_code code;
    const char *field; /* below host.image.images */
} bad_hosts[] = {
    {HOSTS(""), SITUS_MISSING, ""},
    {HOSTS(HOST_("", "us", FROM, TO, "true", "sha256", "[17,18]", EVENTS)), SITUS_MALFORMED,
     "[0].name"},
    {HOSTS(HOST_("h", "", FROM, TO, "true", "sha256", "[17,18]", EVENTS)), SITUS_MALFORMED,
     "[0].closed.by"},
    {HOSTS(HOST_("h", "us", "2026", TO, "true", "sha256", "[17,18]", EVENTS)), SITUS_MALFORMED,
     "[0].from"},
    {HOSTS(HOST_("h", "us", TO, FROM, "true", "sha256", "[17,18]", EVENTS)), SITUS_MALFORMED,
     "[0].to"},
    {HOSTS(HOST_("h", "us", FROM, TO, "1", "sha256", "[17,18]", EVENTS)), SITUS_MALFORMED,
     "[0].agent_co_locates"},
    {HOSTS(HOST_("h", "us", FROM, TO, "true", "sha1", "[17,18]", EVENTS)), SITUS_NOT_ALLOWED,
     "[0].bank"},
    {HOSTS(HOST_("h", "us", FROM, TO, "true", "sha384", "[17,18]", EVENTS)), SITUS_MALFORMED,
     "[0].events[0].digest"},
    {HOSTS(HOST("[17]", EVENT_("17"))), SITUS_NOT_ALLOWED, "[0].registers"},
    {HOSTS(HOST("[18]", EVENT_("18"))), SITUS_NOT_ALLOWED, "[0].registers"},
    {HOSTS(HOST("[17,18,18]", EVENTS)), SITUS_DUPLICATE, "[0].registers[2]"},
    {HOSTS(HOST("[16,17,18]", EVENTS)), SITUS_MALFORMED, "[0].registers[0]"},
    {HOSTS(HOST("[17,18,23]", EVENTS)), SITUS_MALFORMED, "[0].registers[2]"},
    {HOSTS(HOST("[17,18]", EVENTS "," EVENT_("19"))), SITUS_MALFORMED, "[0].events[2]"},
    {HOSTS(HOST("[17,18]", EVENT_("18") "," EVENT_("17"))), SITUS_MALFORMED, "[0].events[0]"},
    {HOSTS(HOST("[17,18]", EVENT_("17"))), SITUS_NOT_MEASURED, "[0].events"},
    {HOSTS(HOST("[17,18]", "")), SITUS_NOT_MEASURED, "[0].events"},
    {HOSTS(HOST("[17,18]", "{\"pcr\":17,\"digest\":\"" HEX_32 "\",\"type\":\"EV_NOTHING\"}")),
     SITUS_UNKNOWN, "[0].events[0].type"},
    {HOSTS("{\"nam\":\"h\"}"), SITUS_UNKNOWN, "[0].nam"},
    /* nothing that a host reference states has a default */
    {HOSTS(HOST_PARTS("", CLOSED, WINDOW, AGENT, BANK, SETS, ALL)), SITUS_MISSING, "[0].name"},
    {HOSTS(HOST_PARTS(NAME, "", WINDOW, AGENT, BANK, SETS, ALL)), SITUS_MISSING, "[0].closed"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, "", AGENT, BANK, SETS, ALL)), SITUS_MISSING, "[0].from"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, "\"to\":\"" TO "\",", AGENT, BANK, SETS, ALL)), SITUS_MISSING,
     "[0].from"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, "\"from\":\"" FROM "\",", AGENT, BANK, SETS, ALL)),
     SITUS_MISSING, "[0].to"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, "\"from\":0,\"to\":\"" TO "\",", AGENT, BANK, SETS, ALL)),
     SITUS_MALFORMED, "[0].from"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, WINDOW, "", BANK, SETS, ALL)), SITUS_MISSING,
     "[0].agent_co_locates"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, WINDOW, AGENT, "", SETS, ALL)), SITUS_MISSING, "[0].bank"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, WINDOW, AGENT, BANK, "", ALL)), SITUS_MISSING, "[0].registers"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, WINDOW, AGENT, BANK, "", "\"events\":[]")), SITUS_MISSING,
     "[0].registers"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, WINDOW, AGENT, BANK, "\"registers\":17,", ALL)),
     SITUS_MALFORMED, "[0].registers"},
    {HOSTS(HOST_PARTS(NAME, CLOSED, WINDOW, AGENT, BANK, SETS, "\"x\":0")), SITUS_UNKNOWN, "[0].x"},
    {HOSTS(HOST("[17,18]", EVENTS) "," HOST("[17,18]", EVENTS)), SITUS_DUPLICATE, "[1]"},
};

static void policy_refuses_hosts_that_pin_too_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_hosts / sizeof *bad_hosts; i++) {
        struct situs_err err;
        struct policy p;
        char field[80];
        snprintf(field, sizeof field, "host.image.images%s", bad_hosts[i].field);
        assert_false(read_text(&p, &err, bad_hosts[i].text));
        if (err.code != bad_hosts[i].code)
            print_error("%s\n", bad_hosts[i].text);
        expect_err(err, bad_hosts[i].code, field, SITUS_NO_OFFSET);
    }
}

/* PCR values follow from the events: PCR 17 = H(0 || d), extended from zero. */
static void policy_replays_host_references(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    assert_true(read_text(
        &p, &err,
        "{\"require\":[\"co-located\",\"bound\"],\"scenario\":\"bare-metal\"," GUEST "," PROVIDER
        ",\"host.image\":{\"images\":[" HOST("[18,17]",
                                             EVENTS ",{\"pcr\":18,\"digest\":\"" HEX_32
                                                    "\",\"type\":\"EV_SEPARATOR\"}") "]}}"));
    const struct host_reference *h = p.v[PARAM_HOST_IMAGE_IMAGES].hosts;
    uint8_t value[64] = {0}, once[32];
    memset(value + 32, 1, 32);
    assert_true(digest(HASH_SHA256, SPAN_ARR(value), once));
    assert_memory_equal(h->value[17], once, 32);
    memcpy(value, once, 32);
    assert_true(digest(HASH_SHA256, SPAN_ARR(value), once));
    assert_memory_equal(h->value[18], once, 32);
    assert_int_equal(h->registers, 1 << 17 | 1 << 18);
    assert_int_equal(h->n, 3);
    assert_false(h->events[1].typed);
    assert_true(h->events[2].typed);
    assert_int_equal(h->events[2].type, EV_SEPARATOR);
    assert_true(h->co_locates);
    assert_int_equal(h->valid.to - h->valid.from, 365 * 86400);
    assert_int_equal(p.require, PROOF_CO_LOCATED | PROOF_BOUND);
    assert_int_equal(p.scenario, SCENARIO_BARE_METAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_refuses_hosts_that_pin_too_little),
        cmocka_unit_test(policy_replays_host_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
