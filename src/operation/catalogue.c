#include "operation/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "operation/queries.h"
#include "operation/scan.h"

struct catalogue {
    struct arena *arena;
    size_t count;
    struct plan *plans; /* by operation->index */
};

static bool refuse(const struct block *block, const char *what, struct arena *arena, const char **why)
{
    *why = arena_printf(arena, "%s:%u: %s: %s", block->file, block->line, block->name, what);
    return false;
}

static bool same(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* What only reads needs no key: it may simply be carried out again. */
static bool takes_key(const struct plan *plan)
{
    const struct operation *operation = plan->operation;
    return plan->shape == SHAPE_SINGLE && operation->idempotent_key && same(operation->method, "POST") &&
           !same(operation->activity, "read") && !same(operation->activity, "search");
}

/* What stands before the reply statement of a GET are checks: it is safe by definition (RFC 9110 9.2.1). */
static bool only_reads(const struct plan *plan)
{
    const struct operation *operation = plan->operation;
    if (same(operation->method, "GET"))
        return true;
    return plan->write_count == 0 && (same(operation->activity, "read") || same(operation->activity, "search"));
}

/* Under a key the reply statement is run again, and must not do anything again. */
static bool writes(const char *statement)
{
    static const char *const words[] = {"insert", "update", "delete", "merge"};
    struct scan scan = scan_begin(statement, strlen(statement));
    struct scan_piece piece;
    while (scan_next(&scan, &piece))
        for (size_t i = 0; piece.kind == SCAN_WORD && i < sizeof(words) / sizeof(*words); i++)
            if (scan_is(&piece, words[i]))
                return true;
    return false;
}

static bool compile_reply(struct arena *arena, const struct block *block, struct plan *plan, bool keyed,
                          const char **why)
{
    const struct operation *operation = plan->operation;
    struct wrapping wrapping = {
        .shape = plan->shape, .view = block->list, .audited = operation->activity != NULL, .keyed = keyed};
    const char *name = keyed ? arena_printf(arena, "%s+key", operation->id) : operation->id;
    const char *sql = statement_wrap(arena, block->statements[block->count - 1], &wrapping, why);
    return sql && statement_compile(arena, name, sql, operation, keyed ? &plan->keyed : &plan->reply, why);
}

static bool compile_writes(struct arena *arena, const struct block *block, struct plan *plan, const char **why)
{
    struct statement *writes = arena_alloc(arena, block->count * sizeof(*writes));
    for (size_t i = 0; i + 1 < block->count; i++) {
        const char *name = arena_printf(arena, "%s.%zu", plan->operation->id, i + 1);
        if (!statement_compile(arena, name, block->statements[i], plan->operation, &writes[i], why))
            return false;
    }
    plan->writes = writes;
    plan->write_count = block->count - 1;
    return true;
}

static bool add_stream(struct arena *arena, const struct block *block, struct plan *plan, const char **why)
{
    if (!plan->hook || plan->hook->blocks != HOOK_STREAM)
        return refuse(block, "no hook streams this operation", arena, why);
    if (plan->stream.name || block->count != 1 || block->list)
        return refuse(block, "a stream is one statement, given once", arena, why);
    const char *what = NULL;
    const char *name = arena_printf(arena, "%s.stream", plan->operation->id);
    if (statement_compile(arena, name, block->statements[0], plan->operation, &plan->stream, &what))
        return true;
    return refuse(block, what, arena, why);
}

static bool add_statements(struct arena *arena, const struct block *block, struct plan *plan, const char **why)
{
    const char *what = NULL;
    if (plan->reply.name)
        return refuse(block, "the operation has a block already", arena, why);
    if (plan->hook && plan->hook->blocks == HOOK_ALONE)
        return refuse(block, "the operation has a hook, which needs no statement", arena, why);
    plan->shape = !block->list ? SHAPE_SINGLE : same(block->list, "by cursor") ? SHAPE_CURSOR : SHAPE_LIST;
    if ((plan->shape == SHAPE_SINGLE) != (plan->operation->collection == NULL))
        return refuse(block, "a list has both x-collection in the contract and a list line here", arena, why);
    if (takes_key(plan) && writes(block->statements[block->count - 1]))
        return refuse(block, "the reply statement of what takes a key writes", arena, why);
    if (!compile_writes(arena, block, plan, &what) || !compile_reply(arena, block, plan, false, &what) ||
        (takes_key(plan) && !compile_reply(arena, block, plan, true, &what)))
        return refuse(block, what, arena, why);
    plan->file = block->file;
    plan->line = block->line;
    plan->reads = only_reads(plan);
    return true;
}

static bool add_block(struct catalogue *catalogue, const struct contract *contract, const struct block *block,
                      const char **why)
{
    const struct operation *operation = contract_find(contract, block->name);
    if (!operation)
        return refuse(block, "no operation of the contract has this name", catalogue->arena, why);
    struct plan *plan = &catalogue->plans[operation->index];
    return block->stream ? add_stream(catalogue->arena, block, plan, why)
                         : add_statements(catalogue->arena, block, plan, why);
}

static bool uses(const struct statement *statement, const struct parameter *parameter)
{
    for (size_t i = 0; i < statement->count; i++) {
        const struct slot *slot = &statement->slots[i];
        bool paging = (slot->source == SOURCE_LIMIT && same(parameter->name, "limit")) ||
                      (slot->source == SOURCE_OFFSET && same(parameter->name, "page"));
        if (slot->parameter == parameter || paging)
            return true;
    }
    return false;
}

static const char *unused_parameter(const struct plan *plan)
{
    for (size_t i = 0; i < plan->operation->parameter_count; i++) {
        const struct parameter *parameter = &plan->operation->parameters[i];
        bool used =
            parameter->place == PARAMETER_HEADER || uses(&plan->reply, parameter) || uses(&plan->stream, parameter);
        for (size_t j = 0; !used && j < plan->write_count; j++)
            used = uses(&plan->writes[j], parameter);
        if (!used)
            return parameter->name;
    }
    return NULL;
}

static bool check_plan(struct arena *arena, const struct plan *plan, const char **why)
{
    const struct operation *operation = plan->operation;
    const char *unused = plan->reply.name ? unused_parameter(plan) : NULL;
    const char *what = NULL;
    if (!plan->reply.name && (!plan->hook || plan->hook->blocks != HOOK_ALONE))
        what = "there is neither a statement nor a hook for it";
    else if (operation->open && (operation->permission || operation->activity))
        what = "an operation without token can have neither x-permission nor x-audit";
    else if (plan->hook && plan->hook->blocks == HOOK_STREAM && !plan->stream.name)
        what = "there is no block `-- stream:` for it";
    else if (unused)
        what = arena_printf(arena, "no statement of it (%s:%u) uses the parameter %s", plan->file, plan->line, unused);
    if (what)
        *why = arena_printf(arena, "openapi.yaml: %s: %s", operation->id, what);
    return !what;
}

static bool fill(struct catalogue *catalogue, const struct contract *contract, const struct source_file *files,
                 size_t count, const char **why)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        catalogue->plans[i].operation = contract_operation(contract, i);
        catalogue->plans[i].hook = hook_find(catalogue->plans[i].operation->id);
    }
    for (size_t i = 0; i < count; i++) {
        struct block *block = queries_read(catalogue->arena, files[i].path, files[i].text, files[i].length, why);
        if (*why)
            return false;
        for (; block; block = block->next)
            if (!add_block(catalogue, contract, block, why))
                return false;
    }
    for (size_t i = 0; i < catalogue->count; i++)
        if (!check_plan(catalogue->arena, &catalogue->plans[i], why))
            return false;
    return true;
}

struct catalogue *catalogue_create(const struct contract *contract, const struct source_file *files, size_t count,
                                   char **why)
{
    struct arena *arena = arena_create();
    struct catalogue *catalogue = arena_alloc(arena, sizeof(*catalogue));
    const char *reason = NULL;
    catalogue->arena = arena;
    catalogue->count = contract_operation_count(contract);
    catalogue->plans = arena_alloc(arena, (catalogue->count + 1) * sizeof(*catalogue->plans));
    if (fill(catalogue, contract, files, count, &reason))
        return catalogue;
    *why = strdup(reason ? reason : "the statements cannot be read");
    arena_destroy(arena);
    return NULL;
}

void catalogue_destroy(struct catalogue *catalogue)
{
    if (catalogue)
        arena_destroy(catalogue->arena);
}

const struct source_file *catalogue_embedded(struct arena *arena, size_t *count)
{
    const struct embedded *file = NULL;
    *count = 0;
    while ((file = embedded_next("sql/queries/", file)))
        ++*count;
    struct source_file *files = arena_alloc(arena, (*count + 1) * sizeof(*files));
    for (size_t i = 0; (file = embedded_next("sql/queries/", file)); i++)
        files[i] = (struct source_file){.path = file->path, .text = file->start, .length = file->length};
    return files;
}

const struct plan *catalogue_plan(const struct catalogue *catalogue, const struct operation *operation)
{
    return &catalogue->plans[operation->index];
}
