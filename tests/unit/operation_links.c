/* `_links` lead where the contract says, for whom it says, when it says; bodies carry them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "operation/body.h"
#include "operation/csv.h"
#include "operation/links.h"

static const struct operation get_case = {
    .id = "getCase", .method = "GET", .path = "/cases/{caseId}", .permission = "case:read"};
static const struct operation close_case = {
    .id = "closeCase", .method = "POST", .path = "/cases/{caseId}/closures", .permission = "case:close"};
static const struct operation list_cases = {.id = "listCases", .method = "GET", .path = "/cases"};

/* What each test works with. */
struct fixture {
    struct arena *arena;
    struct link_context context;
    json_t *body, *parameters;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->arena = arena_create();
    f->body = json_pack("{s:s, s:s, s:i, s:n, s:{s:s}}", "id", "a b/é", "status", "open", "number", 7, "none",
                        "subject", "id", "s1");
    f->parameters = json_pack("{s:s, s:i}", "caseId", "c1", "page", 2);
    f->context = (struct link_context){.base_url = "https://h",
                                       .base_path = "/samsyn/v1",
                                       .permissions = "{case:read,\"case:close\"}",
                                       .parameters = f->parameters,
                                       .body = f->body};
    *state = f;
    return 0;
}

static int finish(void **state)
{
    struct fixture *f = *state;
    arena_destroy(f->arena);
    json_decref(f->body);
    json_decref(f->parameters);
    free(f);
    return 0;
}

static struct link link_to(const struct operation *target, const char *rel, const char *name, const char *expression)
{
    static struct {
        const char *name, *expression;
    } values[8];
    static size_t next;
    struct link link = {.rel = rel, .target = target, .count = name ? 1 : 0};
    values[next % 8].name = name;
    values[next % 8].expression = expression;
    link.parameters = (void *)&values[next++ % 8];
    return link;
}

static const char *address(struct fixture *f, const struct link *link)
{
    struct buffer buffer = buffer_begin(f->arena, 8);
    return links_address(&buffer, &f->context, link) ? buffer.bytes : NULL;
}

static const char *shown(struct fixture *f, const struct link *links, size_t count)
{
    struct buffer buffer = buffer_begin(f->arena, 8);
    bool first = true;
    links_add(&buffer, &f->context, links, count, false, &first);
    return buffer.bytes;
}

static const char *query(struct fixture *f, const char *raw, const char *name, const char *value)
{
    struct buffer buffer = buffer_begin(f->arena, 8);
    links_query(&buffer, raw, name, value);
    return buffer.bytes;
}

static void an_address_is_absolute_and_encoded(void **state)
{
    struct link link = link_to(&get_case, "self", "caseId", "$response.body#/id");

    assert_string_equal(address(*state, &link), "https://h/samsyn/v1/cases/a%20b%2F%C3%A9");
}

static void values_come_from_body_request_or_constant(void **state)
{
    struct link nested = link_to(&get_case, "x", "caseId", "$response.body#/subject/id");
    struct link item = link_to(&get_case, "x", "caseId", "$item#/number");
    struct link path = link_to(&get_case, "x", "caseId", "$request.path.caseId");
    struct link constant = link_to(&list_cases, "x", "status", "open");
    struct link number = link_to(&list_cases, "x", "page", "$request.query.page");

    assert_string_equal(address(*state, &nested), "https://h/samsyn/v1/cases/s1");
    assert_string_equal(address(*state, &item), "https://h/samsyn/v1/cases/7");
    assert_string_equal(address(*state, &path), "https://h/samsyn/v1/cases/c1");
    assert_string_equal(address(*state, &constant), "https://h/samsyn/v1/cases?status=open");
    assert_string_equal(address(*state, &number), "https://h/samsyn/v1/cases?page=2");
}

static void a_link_without_its_value_is_not_shown(void **state)
{
    struct link links[] = {link_to(&get_case, "absent", "caseId", "$response.body#/absent"),
                           link_to(&get_case, "null", "caseId", "$response.body#/none"),
                           link_to(&get_case, "object", "caseId", "$response.body#/subject"),
                           link_to(&get_case, "unfilled", NULL, NULL),
                           link_to(&list_cases, "query", "status", "$request.query.status")};

    assert_string_equal(shown(*state, links, 5), "");
}

static void only_what_the_role_may_do_is_shown(void **state)
{
    struct fixture *f = *state;
    struct link links[] = {link_to(&get_case, "self", "caseId", "$request.path.caseId"),
                           link_to(&close_case, "close", "caseId", "$request.path.caseId"),
                           link_to(&list_cases, "all", NULL, NULL)};
    f->context.permissions = "{case:readall,case:read}";

    assert_string_equal(shown(f, links, 3),
                        "\"self\":{\"href\":\"https://h/samsyn/v1/cases/c1\",\"rel\":\"self\",\"method\":\"GET\"},"
                        "\"all\":{\"href\":\"https://h/samsyn/v1/cases\",\"rel\":\"all\",\"method\":\"GET\"}");
}

static void a_permission_is_matched_whole(void **state)
{
    (void)state;
    assert_true(links_permitted("{case:read}", "case:read"));
    assert_true(links_permitted("{a,case:read,b}", "case:read"));
    assert_true(links_permitted("{\"case:read\"}", "case:read"));
    assert_true(links_permitted(NULL, NULL));
    assert_false(links_permitted("{case:reader}", "case:read"));
    assert_false(links_permitted("{showcase:read}", "case:read"));
    assert_false(links_permitted("{}", "case:read"));
    assert_false(links_permitted(NULL, "case:read"));
}

static void x_when_ties_a_link_to_the_state(void **state)
{
    struct fixture *f = *state;
    struct link link = link_to(&close_case, "close", "caseId", "$request.path.caseId");
    link.when = json_pack("{s:[s,s]}", "status", "paused", "open");
    assert_string_not_equal(shown(f, &link, 1), "");

    json_object_set_new(f->body, "status", json_string("closed"));
    assert_string_equal(shown(f, &link, 1), "");

    json_object_del(f->body, "status");
    assert_string_equal(shown(f, &link, 1), "");
    json_decref(link.when);
}

static void a_query_keeps_the_other_parameters(void **state)
{
    assert_string_equal(query(*state, NULL, "page", "2"), "?page=2");
    assert_string_equal(query(*state, "", "page", "2"), "?page=2");
    assert_string_equal(query(*state, "page=1", "page", "2"), "?page=2");
    assert_string_equal(query(*state, "status=open&page=1&limit=5", "page", "2"), "?status=open&limit=5&page=2");
    assert_string_equal(query(*state, "pages=1&&page=", "page", "2"), "?pages=1&page=2");
    assert_string_equal(query(*state, "a=1&page=3", "page", NULL), "?a=1");
    assert_string_equal(query(*state, "page=3", "page", NULL), "");
}

static void a_query_is_encoded_as_rfc_3986_wants(void **state)
{
    assert_string_equal(query(*state, "q=\"<é>%20%zz+[]", "cursor", "a=/+&"),
                        "?q=%22%3C%C3%A9%3E%20%25zz+%5B%5D&cursor=a%3D%2F%2B%26");
}

static struct body_context list_context(struct fixture *f, struct operation *operation, const char *raw)
{
    *operation = (struct operation){.id = "listCases", .method = "GET", .path = "/cases", .collection = "cases"};
    return (struct body_context){.operation = operation,
                                 .links = f->context,
                                 .url = "https://h/samsyn/v1/cases",
                                 .query = raw,
                                 .limit = 2,
                                 .page = 2};
}

static void a_list_tells_where_it_stands(void **state)
{
    struct fixture *f = *state;
    struct operation operation;
    struct body_context context = list_context(f, &operation, "page=2&status=open");
    const char *cells[] = {"{\"id\":\"1\"}", NULL, "1", NULL, "5", "{ }", NULL, "2", NULL, "5"};
    struct db_rows rows = {.rows = 2, .columns = COLUMN_COUNT, .cells = cells};

    json_t *body = json_loads(body_list(f->arena, &context, SHAPE_LIST, &rows).bytes, JSON_REJECT_DUPLICATES, NULL);

    json_t *meta =
        json_pack("{s:i, s:i, s:i, s:i, s:i}", "totalRecords", 5, "page", 2, "offset", 2, "limit", 2, "count", 2);
    assert_true(json_equal(json_object_get(body, "_meta"), meta));
    assert_int_equal(json_array_size(json_object_get(body, "cases")), 2);
    const json_t *links = json_object_get(body, "_links");
    static const char *const expected[][2] = {
        {"self", "2"}, {"first", "1"}, {"last", "3"}, {"next", "3"}, {"prev", "1"}};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(json_string_value(json_object_get(json_object_get(links, expected[i][0]), "href")),
                            arena_printf(f->arena, "https://h/samsyn/v1/cases?status=open&page=%s", expected[i][1]));
    json_decref(meta);
    json_decref(body);
}

static void an_empty_list_has_one_empty_page(void **state)
{
    struct fixture *f = *state;
    struct operation operation;
    struct body_context context = list_context(f, &operation, NULL);
    const char *cells[] = {NULL, NULL, NULL, NULL, "0"};
    struct db_rows rows = {.rows = 1, .columns = COLUMN_COUNT, .cells = cells};
    context.page = 1;

    const char *text = body_list(f->arena, &context, SHAPE_LIST, &rows).bytes;

    assert_non_null(
        strstr(text, "\"cases\":[],\"_meta\":{\"totalRecords\":0,\"page\":1,\"offset\":0,\"limit\":2,\"count\":0}"));
    assert_null(strstr(text, "\"next\""));
    assert_null(strstr(text, "\"prev\""));
}

static void a_full_page_by_cursor_leads_to_the_next(void **state)
{
    struct fixture *f = *state;
    struct operation operation;
    struct body_context context = list_context(f, &operation, "cursor=x&status=open");
    const char *cells[] = {"{}", NULL, "1", NULL, "c1", "{}", NULL, "2", NULL, "c/2"};
    struct db_rows rows = {.rows = 2, .columns = COLUMN_COUNT, .cells = cells};

    const char *full = body_list(f->arena, &context, SHAPE_CURSOR, &rows).bytes;
    rows.rows = 1;
    const char *partial = body_list(f->arena, &context, SHAPE_CURSOR, &rows).bytes;

    assert_non_null(strstr(full, "\"next\":{\"href\":\"https://h/samsyn/v1/cases?status=open&cursor=c%2F2\""));
    assert_non_null(strstr(full, "\"self\":{\"href\":\"https://h/samsyn/v1/cases?cursor=x&status=open\""));
    assert_null(strstr(full, "totalRecords"));
    assert_null(strstr(partial, "\"next\""));
}

static void a_single_body_carries_links_and_location(void **state)
{
    struct fixture *f = *state;
    struct link self = link_to(&get_case, "self", "caseId", "$response.body#/id");
    struct operation operation = {
        .id = "createCase", .method = "POST", .success = 201, .link_count = 1, .links = &self};
    struct body_context context = {.operation = &operation, .links = f->context};
    const char *location;
    context.links.permissions = "{}";

    const char *body = body_single(f->arena, &context, "{\"id\":\"c9\", \"n\":1.10} \n", &location).bytes;

    assert_string_equal(body, "{\"id\":\"c9\", \"n\":1.10,\"_links\":{}}");
    assert_string_equal(location, "https://h/samsyn/v1/cases/c9");
}

static void csv_is_quoted_and_no_formula(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    struct buffer buffer = buffer_begin(f->arena, 8);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:i, s:n, s:[ss], s:b, s:[], s:[i]}", "a", "=1+1", "b", "say \"a,b\"",
                            "c", "two\nlines", "d", "plain", "e", -5, "f", "g", "x", "y", "h", 1, "i", "j", 7);

    csv_header(&buffer, names, 10);
    csv_record(&buffer, names, 10, row);

    assert_string_equal(buffer.bytes, "a,b,c,d,e,f,g,h,i,j\r\n\"'=1+1\",\"say \"\"a,b\"\"\",\"two\nlines\",plain,-5,,"
                                      "x y,true,,[7]\r\n");
    json_decref(row);
}

static void csv_guards_every_beginning_of_a_formula(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"a"};
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r"};
    for (size_t i = 0; i < 6; i++) {
        struct buffer buffer = buffer_begin(f->arena, 8);
        json_t *row = json_pack("{s:s}", "a", starts[i]);

        csv_record(&buffer, names, 1, row);

        assert_string_equal(buffer.bytes, arena_printf(f->arena, "\"'%s\"\r\n", starts[i]));
        json_decref(row);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_is_absolute_and_encoded),
        TEST(values_come_from_body_request_or_constant),
        TEST(a_link_without_its_value_is_not_shown),
        TEST(only_what_the_role_may_do_is_shown),
        TEST(a_permission_is_matched_whole),
        TEST(x_when_ties_a_link_to_the_state),
        TEST(a_query_keeps_the_other_parameters),
        TEST(a_query_is_encoded_as_rfc_3986_wants),
        TEST(a_list_tells_where_it_stands),
        TEST(an_empty_list_has_one_empty_page),
        TEST(a_full_page_by_cursor_leads_to_the_next),
        TEST(a_single_body_carries_links_and_location),
        TEST(csv_is_quoted_and_no_formula),
        TEST(csv_guards_every_beginning_of_a_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
