/* Which addresses are of the Internet at large, and which stand for something nearer. */
#include "serve/world/address.h"

#include "support/test.h"

static void what_is_near_is_not_global(void **state)
{
    static const char *const near[] = {"0.0.0.0",
                                       "0.1.2.3",
                                       "10.0.0.1",
                                       "10.255.255.255",
                                       "100.64.0.1",
                                       "100.127.255.255",
                                       "127.0.0.1",
                                       "127.255.255.254",
                                       "169.254.169.254",
                                       "172.16.0.1",
                                       "172.31.255.255",
                                       "192.0.0.8",
                                       "192.0.2.1",
                                       "192.88.99.1",
                                       "192.168.0.1",
                                       "198.18.0.1",
                                       "198.19.255.255",
                                       "198.51.100.1",
                                       "203.0.113.1",
                                       "224.0.0.1",
                                       "239.255.255.255",
                                       "240.0.0.1",
                                       "255.255.255.255",
                                       "::",
                                       "::1",
                                       "::ffff:10.0.0.1",
                                       "::ffff:127.0.0.1",
                                       "::127.0.0.1",
                                       "64:ff9b::7f00:1",
                                       "64:ff9b::a00:1",
                                       "64:ff9b::808:808",
                                       "64:ff9b:1::1",
                                       "100::1",
                                       "2001::1",
                                       "2001:1ff::1",
                                       "2001:db8::1",
                                       "2002:7f00:1::",
                                       "3fff::1",
                                       "4000::1",
                                       "5f00::1",
                                       "fc00::1",
                                       "fd00::1",
                                       "fe80::1",
                                       "fec0::1",
                                       "ff02::1"};
    static const char *const global[] = {
        "1.1.1.1",        "8.8.8.8",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",    "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0",      "192.167.255.255", "192.169.0.0",     "198.17.255.255",
        "198.20.0.0",     "223.255.255.255", "::ffff:8.8.8.8",  "2001:200::1",     "2001:db7::1",
        "2001:db9::1",    "2003::1",         "2606:4700::1111", "2a00::1",         "3ffe::1"};
    uint8_t at[16];
    (void)state;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        assert_true(address_read(at, near[i]));
        if (address_global(at))
            fail_msg("%s is global", near[i]);
    }
    for (size_t i = 0; i < sizeof global / sizeof *global; i++) {
        assert_true(address_read(at, global[i]));
        if (!address_global(at))
            fail_msg("%s is not global", global[i]);
    }
}

static void a_network_is_its_first_bits(void **state)
{
    uint8_t at[16], network[16];
    (void)state;
    assert_true(address_read(network, "10.1.0.0") && address_read(at, "10.1.2.3"));
    assert_true(address_within(at, network, 96 + 16));
    assert_false(address_within(at, network, 96 + 24));
    assert_true(address_read(at, "10.1.128.0"));
    assert_true(address_within(at, network, 96 + 16));
    assert_false(address_within(at, network, 96 + 17));
    assert_true(address_within(at, network, 0) && address_within(at, at, 128));
    assert_false(address_read(at, "10.1.2") || address_read(at, "1.2.3.4.5") ||
                 address_read(at, "::g"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_near_is_not_global),
        cmocka_unit_test(a_network_is_its_first_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
