/* Who a request comes from and which host it is for: addresses, Forwarded, the allow-list of hosts. */
#include "http/forwarded.h"

#include "http/hosts.h"
#include "http_fixture.h"

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static bool listed(const char *list, const char *address)
{
    char *why = NULL;
    struct address_list *blocks = address_list_create(list, &why);
    assert_non_null(blocks);
    struct address one = address_of(address);
    bool contained = address_list_contains(blocks, &one);
    address_list_destroy(blocks);
    return contained;
}

static void blocks_contain_their_addresses(void **state)
{
    (void)state;
    assert_true(listed("10.0.0.0/8", "10.255.0.1"));
    assert_false(listed("10.0.0.0/8", "11.0.0.1"));
    assert_true(listed("192.0.2.128/25", "192.0.2.200"));
    assert_false(listed("192.0.2.128/25", "192.0.2.127"));
    assert_true(listed("192.0.2.1", "192.0.2.1"));
    assert_false(listed("192.0.2.1", "192.0.2.2"));
    assert_true(listed("0.0.0.0/0", "8.8.8.8"));
    assert_false(listed("0.0.0.0/0", "2001:db8::1"));
    assert_true(listed("2001:db8::/32", "2001:db8:ffff::1"));
    assert_false(listed("2001:db8::/33", "2001:db8:ffff::1"));
    assert_true(listed("::1", "::1"));
    assert_true(listed("10.0.0.0/8, ::1 , 192.0.2.0/24", "192.0.2.9"));
    assert_true(listed("192.0.2.0/24", "::ffff:192.0.2.9"));
    assert_true(listed("10.0.0.0/8 ::1\t192.0.2.0/24", "192.0.2.9")); /* blanks separate as well */
    assert_false(listed(NULL, "127.0.0.1"));
}

static void a_list_with_nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"10.0.0.0/33", "10.0.0/8", "proxy.example", "2001:db8::/129", "10.0.0.1/",
                                        "10.0.0.1/x",  "/8"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char *why = NULL;
        assert_null(address_list_create(wrong[i], &why));
        assert_contains(why, wrong[i]);
        free(why);
    }
}

struct told {
    const char *value, *peer, *client, *host, *proto;
};

static void check(const struct told *told)
{
    char *why = NULL, text[ADDRESS_TEXT_SIZE];
    struct address_list *trusted = address_list_create("10.0.0.0/8, 2001:db8:aaaa::/48", &why);
    struct arena *arena = arena_create();
    struct address peer = address_of(told->peer);
    struct forwarded forwarded;
    forwarded_read(&forwarded, told->value, &peer, trusted, arena);
    address_print(&forwarded.client, text);
    if (strcmp(text, told->client) != 0 || strcmp(forwarded.host ? forwarded.host : "-", told->host) != 0 ||
        strcmp(forwarded.proto ? forwarded.proto : "-", told->proto) != 0)
        fail_msg("%s from %s: %s %s %s", told->value, told->peer, text, forwarded.host, forwarded.proto);
    arena_destroy(arena);
    address_list_destroy(trusted);
}

static void forwarded_is_believed_from_the_right_as_far_as_trust_reaches(void **state)
{
    (void)state;
    static const struct told cases[] = {
        {NULL, "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for=192.0.2.60;proto=https;host=samsyn.example.se", "10.0.0.1", "192.0.2.60", "samsyn.example.se", "https"},
        /* not from a trusted proxy: nothing of it counts */
        {"for=192.0.2.60;proto=https;host=evil.example", "203.0.113.9", "203.0.113.9", "-", "-"},
        /* the client wrote the left part itself */
        {"for=1.1.1.1;host=evil.example, for=203.0.113.9;host=samsyn.example.se", "10.0.0.1", "203.0.113.9",
         "samsyn.example.se", "-"},
        /* two trusted proxies in a row */
        {"for=192.0.2.60;host=out.example;proto=HTTPS, for=10.9.9.9;host=in.example;proto=http", "10.0.0.1",
         "192.0.2.60", "out.example", "https"},
        {"for=192.0.2.60, for=10.9.9.9;host=in.example;proto=http", "10.0.0.1", "192.0.2.60", "in.example", "http"},
        {"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:aaaa::1", "2001:db8:cafe::17", "-", "-"},
        {"for=\"192.0.2.43:47011\"", "10.0.0.1", "192.0.2.43", "-", "-"},
        {"for=192.0.2.43 ; proto=http", "10.0.0.1", "192.0.2.43", "-", "http"},
        {"host=\"a\\b.example\"", "10.0.0.1", "10.0.0.1", "ab.example", "-"},
        /* a hidden client: the last address that is known */
        {"for=unknown;proto=https", "10.0.0.1", "10.0.0.1", "-", "https"},
        {"for=_secret", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for=192.0.2.1;proto=gopher", "10.0.0.1", "192.0.2.1", "-", "-"},
        /* malformed: nothing of it counts */
        {"for=192.0.2.1;", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for=192.0.2.1,", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for=\"192.0.2.1", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for==192.0.2.1", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"192.0.2.1", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for=192.0.2.1;for=192.0.2.2", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"for=192.0.2.1 proto=http", "10.0.0.1", "10.0.0.1", "-", "-"},
        {"", "10.0.0.1", "10.0.0.1", "-", "-"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&cases[i]);
}

static void too_many_elements_tell_nothing(void **state)
{
    (void)state;
    char value[1024] = "for=10.1.1.1";
    for (size_t i = 0; i < 40; i++)
        strcat(value, ", for=10.1.1.1");
    check(&(struct told){value, "10.0.0.1", "10.0.0.1", "-", "-"});
}

static void hosts_are_those_that_are_allowed(void **state)
{
    (void)state;
    struct hosts *hosts = hosts_create("api.example.se, inner:8443", "https://samsyn.example.se/base", "0.0.0.0");
    static const struct {
        const char *host;
        bool allowed;
    } cases[] = {
        {"api.example.se", true},
        {"API.Example.SE", true},
        {"api.example.se:8080", true},
        {"inner:8443", true},
        {"inner", false},
        {"inner:8444", false},
        {"samsyn.example.se", true},
        {"samsyn.example.se:443", true},
        {"samsyn.example.se.evil", false},
        {"evil", false},
        {"api.example.se:", false},
        {"api.example.se:x", false},
        {"api.example.se:123456", false},
        {"api.example.se@evil", false},
        {"", false},
        {NULL, false},
        {"[::1", false},
        {"localhost", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (hosts_contain(hosts, cases[i].host) != cases[i].allowed)
            fail_msg("%s", cases[i].host);
    hosts_destroy(hosts);
}

static void without_a_list_the_listen_address_is_the_host(void **state)
{
    (void)state;
    struct hosts *hosts = hosts_create(NULL, NULL, "127.0.0.1");
    assert_true(hosts_contain(hosts, "127.0.0.1:8080"));
    assert_true(hosts_contain(hosts, "localhost:8080"));
    assert_true(hosts_contain(hosts, "[::1]:8080"));
    assert_false(hosts_contain(hosts, "samsyn.example.se"));
    hosts_destroy(hosts);
    hosts = hosts_create(NULL, NULL, "2001:db8::7");
    assert_true(hosts_contain(hosts, "[2001:db8::7]:8080"));
    assert_false(hosts_contain(hosts, "localhost"));
    hosts_destroy(hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_contain_their_addresses),
        cmocka_unit_test(a_list_with_nonsense_is_refused),
        cmocka_unit_test(forwarded_is_believed_from_the_right_as_far_as_trust_reaches),
        cmocka_unit_test(too_many_elements_tell_nothing),
        cmocka_unit_test(hosts_are_those_that_are_allowed),
        cmocka_unit_test(without_a_list_the_listen_address_is_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
