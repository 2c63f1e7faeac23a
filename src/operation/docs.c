#include "operation/docs.h"

#include <string.h>

#include "operation/document.h"
#include "operation/html.h"

static const char sheet[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem;color:#1b1b1b;background:#fff}"
    "h1,h2,h3{line-height:1.2}h2{border-bottom:1px solid #767676;margin-top:3rem}h2 [lang=sv],h3 code{font-weight:400}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #d0d0d0}code{background:#f2f2f2;padding:0 .2rem}a{color:#004b87}"
    "nav ul{columns:2;list-style:none;padding:0}";

enum { PAGE_BYTES = 262144 };

/* What the renderer works with. */
struct page_writer {
    struct buffer html;
    struct arena *arena;
    const struct contract *contract;
    const json_t *document;
};

static void put(struct page_writer *page, const char *html)
{
    buffer_put(&page->html, html);
}

static void put_text(struct page_writer *page, const char *text)
{
    html_text(&page->html, text);
}

/* Of CommonMark, which the contract's descriptions are in, paragraphs and `code`. */
static void put_prose(struct page_writer *page, const char *text)
{
    bool code = false;
    if (!text || !*text)
        return;
    put(page, "<p>");
    for (const char *at = text; *at; at++) {
        if (at[0] == '\n' && at[1] == '\n') {
            put(page, "</p>\n<p>");
            at += strspn(at, "\n") - 1;
        } else if (*at == '`') {
            put(page, (code = !code) ? "<code>" : "</code>");
        } else {
            size_t length = 1 + strcspn(at + 1, "`\n");
            html_part(&page->html, at, length);
            at += length - 1;
        }
    }
    put(page, code ? "</code></p>\n" : "</p>\n");
}

static void put_code(struct page_writer *page, const char *text)
{
    put(page, "<code>");
    put_text(page, text);
    put(page, "</code>");
}

static void open_chapter(struct page_writer *page, const char *id, const char *english, const char *swedish)
{
    put(page, "<section id=\"");
    put_text(page, id);
    put(page, "\">\n<h2>");
    put_text(page, english);
    put(page, " <span lang=\"sv\">");
    put_text(page, swedish);
    put(page, "</span></h2>\n");
}

static void close_chapter(struct page_writer *page)
{
    put(page, "</section>\n");
}

static void open_table(struct page_writer *page, const char *const *headings, size_t count)
{
    put(page, "<table><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        put(page, "<th scope=\"col\">");
        put_text(page, headings[i]);
        put(page, "</th>");
    }
    put(page, "</tr></thead><tbody>\n");
}

static void put_row(struct page_writer *page, const char *first, const char *second, const char *third)
{
    put(page, "<tr><td>");
    put_code(page, first);
    put(page, "</td><td>");
    put_text(page, second);
    put(page, "</td><td>");
    put_text(page, third);
    put(page, "</td></tr>\n");
}

static void close_table(struct page_writer *page)
{
    put(page, "</tbody></table>\n");
}

static void put_parameters(struct page_writer *page, const struct operation *operation)
{
    static const char *const headings[] = {"Parameter", "Where and type", "Meaning"};
    const json_t *parameters = json_object_get(document_operation(page->document, operation), "parameters");
    const json_t *shared =
        json_object_get(json_object_get(json_object_get(page->document, "paths"), operation->path), "parameters");
    const json_t *lists[] = {shared, parameters};
    if (json_array_size(parameters) + json_array_size(shared) == 0)
        return;
    open_table(page, headings, 3);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < json_array_size(lists[i]); j++) {
            const json_t *parameter = document_resolve(page->document, json_array_get(lists[i], j));
            const char *type = document_type(page->arena, page->document, json_object_get(parameter, "schema"));
            const char *need = json_is_true(json_object_get(parameter, "required")) ? ", required" : "";
            put_row(page, document_text(parameter, "name", ""),
                    arena_printf(page->arena, "%s, %s%s", document_text(parameter, "in", ""), type, need),
                    document_text(parameter, "description", ""));
        }
    close_table(page);
}

static void put_statuses(struct page_writer *page, const json_t *node)
{
    static const char *const headings[] = {"Status", "Body", "Meaning"};
    json_t *responses = json_object_get(node, "responses");
    const char *status;
    json_t *reference;
    open_table(page, headings, 3);
    json_object_foreach(responses, status, reference)
    {
        const json_t *response = document_resolve(page->document, reference);
        json_t *content = json_object_get(response, "content");
        const char *type = json_object_iter_key(json_object_iter(content));
        put_row(page, status, type ? type : "", document_text(response, "description", ""));
    }
    close_table(page);
}

static void put_fact(struct page_writer *page, const char *term, const char *fact)
{
    if (!fact)
        return;
    put(page, "<dt>");
    put_text(page, term);
    put(page, "</dt><dd>");
    put_code(page, fact);
    put(page, "</dd>");
}

static void put_operation(struct page_writer *page, const struct operation *operation)
{
    const json_t *node = document_operation(page->document, operation);
    const json_t *body = document_resolve(page->document, json_object_get(node, "requestBody"));
    const json_t *media =
        operation->body_type ? json_object_get(json_object_get(body, "content"), operation->body_type) : NULL;
    put(page, "<article id=\"");
    put_text(page, operation->id);
    put(page, "\">\n<h3>");
    put_text(page, document_text(node, "summary", operation->id));
    put(page, "</h3>\n<p>");
    put_code(page, arena_printf(page->arena, "%s %s%s", operation->method, contract_base_path(page->contract),
                                operation->path));
    put(page, "</p>\n");
    put_prose(page, document_text(node, "description", NULL));
    put(page, "<dl>");
    put_fact(page, "Operation", operation->id);
    put_fact(page, "Permission", operation->open ? "none: open to all" : operation->permission);
    for (size_t i = 0; i < operation->scope_count; i++)
        put_fact(page, "Scope", operation->scopes[i]);
    put_fact(page, "Access log", operation->activity);
    put_fact(page, "Body", media ? document_type(page->arena, page->document, json_object_get(media, "schema")) : NULL);
    put(page, "</dl>\n");
    put_parameters(page, operation);
    put_statuses(page, node);
    put(page, "</article>\n");
}

static bool tagged(const struct page_writer *page, const struct operation *operation, const char *tag)
{
    const json_t *tags = json_object_get(document_operation(page->document, operation), "tags");
    const char *first = json_string_value(json_array_get(tags, 0));
    return first && tag ? strcmp(first, tag) == 0 : first == tag;
}

static void put_tag(struct page_writer *page, const char *tag, const char *description)
{
    bool begun = false;
    for (size_t i = 0; i < contract_operation_count(page->contract); i++) {
        const struct operation *operation = contract_operation(page->contract, i);
        if (!tagged(page, operation, tag))
            continue;
        if (!begun)
            open_chapter(page, tag ? tag : "other", tag ? tag : "Other", tag ? "" : "Övrigt");
        if (!begun)
            put_prose(page, description);
        begun = true;
        put_operation(page, operation);
    }
    if (begun)
        close_chapter(page);
}

static void put_operations(struct page_writer *page)
{
    const json_t *tags = json_object_get(page->document, "tags");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *tag = json_array_get(tags, i);
        put_tag(page, document_text(tag, "name", ""), document_text(tag, "description", NULL));
    }
    put_tag(page, NULL, NULL);
}

static void put_model(struct page_writer *page)
{
    static const char *const headings[] = {"Member", "Type", "Meaning"};
    const char *name, *member;
    json_t *schema, *property;
    open_chapter(page, "data-model", "Data model", "Datamodell");
    json_object_foreach(json_object_get(json_object_get(page->document, "components"), "schemas"), name, schema)
    {
        put(page, "<article>\n<h3>");
        put_text(page, name);
        put(page, "</h3>\n");
        put_prose(page, document_text(schema, "description", NULL));
        if (json_object_size(json_object_get(schema, "properties")) > 0) {
            open_table(page, headings, 3);
            json_object_foreach(json_object_get(schema, "properties"), member, property)
                put_row(page, member, document_type(page->arena, page->document, property),
                        document_text(document_resolve(page->document, property), "description", ""));
            close_table(page);
        }
        put(page, "</article>\n");
    }
    close_chapter(page);
}

static void put_authentication(struct page_writer *page)
{
    const char *name, *flow, *scope;
    json_t *scheme, *value, *meaning;
    open_chapter(page, "authentication", "Authentication", "Autentisering");
    json_object_foreach(json_object_get(json_object_get(page->document, "components"), "securitySchemes"), name, scheme)
    {
        put_prose(page, document_text(scheme, "description", NULL));
        json_object_foreach(json_object_get(scheme, "flows"), flow, value)
        {
            put(page, "<dl>");
            json_object_foreach(json_object_get(value, "scopes"), scope, meaning)
            {
                const char *text = json_string_value(meaning);
                put(page, "<dt>");
                put_code(page, scope);
                put(page, "</dt><dd>");
                put_text(page, text ? text : "");
                put(page, "</dd>");
            }
            put(page, "</dl>\n");
        }
    }
    close_chapter(page);
}

static void put_about(struct page_writer *page, const json_t *info)
{
    const json_t *license = json_object_get(info, "license");
    open_chapter(page, "about", "About the API", "Om API:et");
    put_prose(page, document_text(info, "summary", NULL));
    put_prose(page, document_text(info, "description", NULL));
    close_chapter(page);
    open_chapter(page, "terms-of-use", "Terms of use", "Användarvillkor");
    put_prose(page, document_text(info, "x-terms-of-use", document_text(info, "termsOfService", NULL)));
    put_prose(page, document_text(license, "name", NULL));
    close_chapter(page);
}

static void put_versions_and_contact(struct page_writer *page, const json_t *info)
{
    const json_t *contact = json_object_get(info, "contact");
    open_chapter(page, "life-cycle", "Life cycle and versions", "Livscykel och versioner");
    put(page, "<dl>");
    put_fact(page, "Version", document_text(info, "version", NULL));
    put_fact(page, "Released", document_text(info, "x-api-released", NULL));
    put_fact(page, "Status", document_text(info, "x-api-status", NULL));
    put(page, "</dl>\n");
    put_prose(page, document_text(info, "x-life-cycle", NULL));
    close_chapter(page);
    open_chapter(page, "contact", "Contact", "Kontakt");
    put(page, "<dl>");
    put_fact(page, "Name", document_text(contact, "name", NULL));
    put_fact(page, "E-mail", document_text(contact, "email", NULL));
    put_fact(page, "Web", document_text(contact, "url", NULL));
    put(page, "</dl>\n");
    close_chapter(page);
}

static void put_head(struct page_writer *page, const json_t *info)
{
    html_open(&page->html, "en", document_text(info, "title", "Samsyn"), sheet);
    put(page, "<header><h1>");
    put_text(page, document_text(info, "title", "Samsyn"));
    put(page, "</h1></header>\n<nav aria-label=\"Operations\"><ul>\n");
    for (size_t i = 0; i < contract_operation_count(page->contract); i++) {
        const char *id = contract_operation(page->contract, i)->id;
        put(page, arena_printf(page->arena, "<li><a href=\"#%s\">%s</a></li>\n", id, id));
    }
    put(page, "</ul></nav>\n<main>\n");
}

struct buffer docs_render(struct arena *arena, const struct contract *contract, const char **style)
{
    struct page_writer page = {.html = buffer_begin(arena, PAGE_BYTES),
                               .arena = arena,
                               .contract = contract,
                               .document = contract_json(contract)};
    const json_t *info = json_object_get(page.document, "info");
    *style = sheet;
    put_head(&page, info);
    put_about(&page, info);
    put_authentication(&page);
    put_operations(&page);
    put_model(&page);
    put_versions_and_contact(&page, info);
    put(&page, "</main>\n</body>\n</html>\n");
    return page.html;
}
