#include "operation/statement.h"

#include <string.h>

#include "operation/buffer.h"
#include "operation/scan.h"

/* `with a as (...), b as (...) select ...` in its parts. */
struct parts {
    bool recursive;
    const char *ctes; /* without `with`, or NULL */
    size_t ctes_length;
    const char *main;
};

static bool begins_main(const struct scan_piece *piece)
{
    static const char *const words[] = {"select", "insert", "update", "delete", "values", "table", "merge"};
    for (size_t i = 0; piece->depth == 0 && i < sizeof(words) / sizeof(*words); i++)
        if (scan_is(piece, words[i]))
            return true;
    return false;
}

/* A word that names a CTE, as in `with update as (...)`, is not taken for the main statement: those words are
 * reserved in PostgreSQL or would need quotes to be read by anyone, so that the first at depth 0 is the verb. */
static bool take_apart(const char *statement, struct parts *parts)
{
    struct scan scan = scan_begin(statement, strlen(statement));
    struct scan_piece piece;
    size_t words = 0;
    *parts = (struct parts){.main = statement};
    while (scan_next(&scan, &piece)) {
        if (piece.kind != SCAN_WORD)
            continue;
        if (words == 0 && !scan_is(&piece, "with"))
            return true;
        if (words == 0) {
            parts->ctes = piece.start + piece.length;
        } else if (words == 1 && scan_is(&piece, "recursive")) {
            parts->recursive = true;
            parts->ctes = piece.start + piece.length;
        } else if (begins_main(&piece)) {
            parts->ctes_length = (size_t)(piece.start - parts->ctes);
            parts->main = piece.start;
            return true;
        }
        words++;
    }
    return words == 0;
}

static void put_with(struct buffer *sql, const struct parts *parts, const char *name)
{
    if (!parts->ctes && !name)
        return;
    buffer_put(sql, parts->recursive ? "with recursive" : "with");
    if (parts->ctes)
        buffer_add(sql, parts->ctes, parts->ctes_length);
    if (name) {
        buffer_put(sql, parts->ctes ? ", " : " ");
        buffer_put(sql, name);
        buffer_put(sql, " as materialized (\n");
        buffer_put(sql, parts->main);
        buffer_put(sql, "\n)");
    }
}

static bool begins_with_select(const char *statement)
{
    struct scan scan = scan_begin(statement, strlen(statement));
    struct scan_piece piece;
    while (scan_next(&scan, &piece))
        if (piece.kind == SCAN_WORD)
            return scan_is(&piece, "select");
    return false;
}

/* A list that finds nothing is an answer, and is logged as such. */
static void put_log_list(struct buffer *sql)
{
    buffer_put(sql, ",\nlogged as materialized (select samsyn.log_list(array(select resource from reply), "
                    "array(select subject from reply), array(select owner from reply), "
                    "array(select ground from reply), array(select disclosure from reply)) as refusal)");
}

/* A single reply that finds nothing is a refusal: the join is an outer one, so that log_access is called with the row
 * or without, and tells which refusal it is. It stands in the select list because that costs least. */
static void put_single(struct buffer *sql, const struct parts *parts, const struct wrapping *wrapping)
{
    bool reads = begins_with_select(parts->main);
    put_with(sql, parts, reads ? NULL : "reply");
    buffer_put(sql, sql->length ? "\nselect " : "select ");
    buffer_put(sql, "r.body, r.etag, r.resource, ");
    buffer_put(sql, wrapping->audited ? "samsyn.log_access(array[r.resource], array[r.subject], array[r.owner], "
                                        "array[r.ground], array[r.disclosure]) as refusal"
                                      : "null");
    buffer_put(sql, wrapping->keyed ? ", case when r.resource is not null then "
                                      "samsyn.keep_reply(:idempotencyKey, :requestHash, r.resource) end"
                                    : ", null");
    buffer_put(sql, wrapping->audited ? "\nfrom (values (1)) one left join " : "\nfrom ");
    buffer_put(sql, reads ? "(\n" : "reply");
    buffer_put(sql, reads ? parts->main : "");
    buffer_put(sql, reads ? "\n) r" : " r");
    buffer_put(sql, wrapping->audited ? " on true" : "");
}

static void put_list(struct buffer *sql, const struct wrapping *wrapping)
{
    buffer_put(sql, "\nselect r.body, r.etag, r.resource, ");
    buffer_put(sql, wrapping->audited ? "l.refusal" : "null");
    buffer_put(sql, ", t.total\nfrom (select count(*) as total from visible) t");
    buffer_put(sql, wrapping->audited ? " cross join logged l" : "");
    buffer_put(sql, " left join reply r on true order by r.n");
}

static void put_cursor(struct buffer *sql, const struct wrapping *wrapping)
{
    buffer_put(sql, "\nselect r.body, r.etag, r.resource, ");
    buffer_put(sql, wrapping->audited ? "l.refusal" : "null");
    buffer_put(sql, ", r.cursor\nfrom ");
    buffer_put(sql, wrapping->audited ? "logged l left join " : "");
    buffer_put(sql, "(select *, row_number() over () as n from reply) r");
    buffer_put(sql, wrapping->audited ? " on true order by r.n" : " order by r.n");
}

/* The executor counts, pages and joins the view: paging is written here, once. */
static void put_page(struct buffer *sql, const char *view)
{
    buffer_put(sql, ",\npage as materialized (select id, row_number() over () as n from visible limit :limit "
                    "offset :offset)"
                    ",\nreply as materialized (select p.n, b.* from page p join ");
    buffer_put(sql, view);
    buffer_put(sql, " b on b.resource = p.id)");
}

const char *statement_wrap(struct arena *arena, const char *statement, const struct wrapping *wrapping,
                           const char **why)
{
    struct parts parts;
    struct buffer sql = buffer_begin(arena, strlen(statement) + 1024);
    *why = NULL;
    if (!take_apart(statement, &parts)) {
        *why = "there is no select, insert, update or delete after `with`";
        return NULL;
    }
    switch (wrapping->shape) {
    case SHAPE_SINGLE:
        put_single(&sql, &parts, wrapping);
        return sql.bytes;
    case SHAPE_LIST:
        put_with(&sql, &parts, "visible");
        put_page(&sql, wrapping->view);
        break;
    case SHAPE_CURSOR:
        put_with(&sql, &parts, "reply");
        break;
    }
    if (wrapping->audited)
        put_log_list(&sql);
    if (wrapping->shape == SHAPE_LIST)
        put_list(&sql, wrapping);
    else
        put_cursor(&sql, wrapping);
    return sql.bytes;
}

static const char *type_of(enum value_type type)
{
    switch (type) {
    case VALUE_UUID:
        return "uuid";
    case VALUE_INTEGER:
        return "bigint";
    case VALUE_NUMBER:
        return "numeric";
    case VALUE_BOOLEAN:
        return "boolean";
    case VALUE_DATE:
        return "date";
    case VALUE_TIMESTAMP:
        return "timestamptz";
    case VALUE_TEXT_ARRAY:
        return "text[]";
    case VALUE_TEXT:
        break;
    }
    return "text";
}

/* Finds what `name` stands for; the cast, or NULL when it stands for nothing. */
static const char *resolve(const struct operation *operation, const char *name, struct slot *slot)
{
    static const struct {
        const char *name;
        enum source source;
        const char *type;
    } fixed[] = {
        {"body", SOURCE_BODY, "jsonb"},
        {"ifMatch", SOURCE_IF_MATCH, "text"},
        {"id", SOURCE_ID, "uuid"},
        {"limit", SOURCE_LIMIT, "bigint"},
        {"offset", SOURCE_OFFSET, "bigint"},
        {"idempotencyKey", SOURCE_KEY, "text"},
        {"requestHash", SOURCE_HASH, "text"},
        {"part", SOURCE_PART, "text"},
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
        if (strcmp(fixed[i].name, name) == 0) {
            *slot = (struct slot){.source = fixed[i].source};
            if ((slot->source == SOURCE_BODY && !operation->body) ||
                (slot->source == SOURCE_IF_MATCH && !operation->if_match))
                return NULL;
            return fixed[i].type;
        }
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->place != PARAMETER_HEADER && strcmp(parameter->name, name) == 0) {
            *slot = (struct slot){.source = SOURCE_PARAMETER, .parameter = parameter};
            return type_of(parameter->type);
        }
    }
    return NULL;
}

static size_t number_of(struct statement *statement, const struct slot *slot)
{
    for (size_t i = 0; i < statement->count; i++)
        if (statement->slots[i].source == slot->source && statement->slots[i].parameter == slot->parameter)
            return i + 1;
    if (statement->count == SLOTS_MAX)
        return 0;
    statement->slots[statement->count++] = *slot;
    return statement->count;
}

bool statement_compile(struct arena *arena, const char *name, const char *sql, const struct operation *operation,
                       struct statement *statement, const char **why)
{
    struct buffer sent = buffer_begin(arena, strlen(sql) + 256);
    struct scan scan = scan_begin(sql, strlen(sql));
    struct scan_piece piece;
    *statement = (struct statement){.name = name};
    *why = NULL;
    while (scan_next(&scan, &piece)) {
        if (piece.kind != SCAN_PARAMETER) {
            buffer_add(&sent, piece.start, piece.length);
            continue;
        }
        struct slot slot;
        const char *parameter = arena_strndup(arena, piece.start + 1, piece.length - 1);
        const char *type = resolve(operation, parameter, &slot);
        size_t number = type ? number_of(statement, &slot) : 0;
        if (number == 0) {
            *why = arena_printf(arena, type ? "too many parameters at :%s" : "the operation has no parameter :%s",
                                parameter);
            return false;
        }
        buffer_byte(&sent, '$');
        buffer_number(&sent, (long long)number);
        buffer_put(&sent, "::");
        buffer_put(&sent, type);
    }
    statement->sql = sent.bytes;
    return piece.kind != SCAN_BROKEN;
}
