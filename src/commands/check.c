/* samsyn check: prepares every statement on the database and explains what is wrong, or shows what is sent. */
#include <stdio.h>
#include <string.h>

#include "commands/carried.h"
#include "commands/commands.h"
#include "db/db.h"
#include "operation/enter.h"
#include "operation/hook_witness.h"
#include "operation/proof.h"

/* What is done with each statement; `place` says where it is from. */
typedef bool (*statement_visitor)(void *context, const char *place, const char *name, const char *sql, size_t count);

static bool visit(statement_visitor visitor, void *context, const char *place, const struct statement *statement)
{
    return !statement->name || visitor(context, place, statement->name, statement->sql, statement->count);
}

/* All of the plan's statements, whatever becomes of the ones before. */
static bool visit_plan(statement_visitor visitor, void *context, struct arena *arena, const struct plan *plan)
{
    const char *place = arena_printf(arena, "%s:%u", plan->file ? plan->file : "", plan->line);
    bool good = true;
    for (size_t i = 0; i < plan->write_count; i++)
        good = visit(visitor, context, place, &plan->writes[i]) && good;
    good = visit(visitor, context, place, &plan->reply) && good;
    good = visit(visitor, context, place, &plan->keyed) && good;
    return visit(visitor, context, place, &plan->stream) && good;
}

static bool visit_calls(statement_visitor visitor, void *context, const char *place, const struct db_call *calls,
                        size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good = visitor(context, place, calls[i].name, calls[i].sql, calls[i].count) && good;
    return good;
}

static bool visit_common(statement_visitor visitor, void *context)
{
    size_t every = 0, proofs = 0, witness = 0;
    const struct db_call *of_every = enter_calls(&every), *of_proofs = proof_calls(&proofs),
                         *of_witness = witness_calls(&witness);
    bool good = visit_calls(visitor, context, "every request", of_every, every);
    good = visit_calls(visitor, context, "proofs", of_proofs, proofs) && good;
    return visit_calls(visitor, context, "witness", of_witness, witness) && good;
}

static bool print(void *context, const char *place, const char *name, const char *sql, size_t count)
{
    (void)context;
    printf("-- %s, %s, %zu parameters\n%s;\n\n", name, place, count, sql);
    return true;
}

static bool prepare(void *context, const char *place, const char *name, const char *sql, size_t count)
{
    struct arena *arena = arena_create();
    struct db_reply reply = {0};
    const char **values = arena_alloc(arena, (count + 1) * sizeof(*values));
    struct db_call call = {.name = name, .sql = sql, .count = count, .values = values};
    enum db_status status = db_prepare(context, &call, arena, &reply);
    if (status == DB_REFUSED)
        printf("%s: %s: %s (SQLSTATE %s)\n", place, name, reply.message, reply.sqlstate);
    else if (status != DB_OK)
        printf("%s: %s: the database cannot be reached\n", place, name);
    arena_destroy(arena);
    return status == DB_OK;
}

static bool visit_all(statement_visitor visitor, void *context, const struct carried *carried)
{
    struct arena *arena = arena_create();
    bool good = visit_common(visitor, context);
    for (size_t i = 0; i < contract_operation_count(carried->contract); i++) {
        const struct operation *operation = contract_operation(carried->contract, i);
        good = visit_plan(visitor, context, arena, catalogue_plan(carried->catalogue, operation)) && good;
    }
    arena_destroy(arena);
    return good;
}

static int show(const struct carried *carried, const char *name)
{
    const struct operation *operation = contract_find(carried->contract, name);
    struct arena *arena;
    if (!operation)
        return command_fail("no operation is called %s", name);
    arena = arena_create();
    if (!operation->open)
        print(NULL, "every request", enter_calls(&(size_t){0})[0].name, enter_calls(&(size_t){0})[0].sql, ENTER_VALUES);
    visit_plan(print, NULL, arena, catalogue_plan(carried->catalogue, operation));
    arena_destroy(arena);
    return 0;
}

static int check(const struct options *options, const struct carried *carried)
{
    const char *conninfo = command_need(options, OPTION_DATABASE);
    if (!conninfo)
        return 1;
    struct db_options settings = {.conninfo = conninfo,
                                  .pool_size = 1,
                                  .wait_ms = 5000,
                                  .statement_timeout_ms = (int)options_number(options, OPTION_STATEMENT_TIMEOUT_MS),
                                  .lock_timeout_ms = (int)options_number(options, OPTION_LOCK_TIMEOUT_MS),
                                  .prepare = options_switch(options, OPTION_PREPARE)};
    struct db *db = db_create(&settings);
    bool good = db && visit_all(prepare, db, carried);
    if (good)
        printf("%zu operations: every statement can be prepared\n", contract_operation_count(carried->contract));
    if (db)
        db_destroy(db);
    return good ? 0 : 1;
}

int command_check(const struct options *options)
{
    struct carried carried;
    const char *name = options_text(options, OPTION_SQL);
    int status = 1;
    if (carried_load(&carried))
        status = name ? show(&carried, name) : check(options, &carried);
    carried_free(&carried);
    return status;
}
