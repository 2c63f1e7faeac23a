/* samsyn retention list, samsyn retention run: what is past its time, and its culling.
 *
 * Both log in as samsyn_retention, who can do nothing else: samsyn.retention_due lists by identifiers alone, and
 * samsyn.cull removes one thing, in a transaction of its own, after asking again whether its time is over and nothing
 * holds it. A run that is cut short has culled some things wholly and the others not at all. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "db/script.h"

/* The columns of samsyn.retention_due. */
enum {
    KIND,
    ID,
    ORGANISATION_ID,
    ORGANISATION,
    REGIME,
    RULE,
    PROVISION,
    MODE,
    OPENED_ON,
    ENDED_ON,
    DUE_ON,
    FINISH_BY,
    HELD,
    COLUMNS
};

struct retention {
    struct arena *arena;
    struct script *script;
    const char *as_of; /* NULL: today */
    struct db_rows due;
    size_t culled, held, failed;
    char *why; /* malloc'd */
};

static const char *const *row(const struct retention *retention, size_t index)
{
    return (const char *const *)retention->due.cells + index * COLUMNS;
}

static bool is_held(const char *const *item)
{
    return strcmp(item[HELD], "t") == 0;
}

static size_t count_free(const struct retention *retention)
{
    size_t count = 0;
    for (size_t i = 0; i < retention->due.rows; i++)
        count += !is_held(row(retention, i));
    return count;
}

/* Connects and reads what is due. */
static bool begin(struct retention *retention, const struct options *options)
{
    *retention = (struct retention){.arena = arena_create(), .as_of = options_text(options, OPTION_AS_OF)};
    retention->script = script_begin(options_text(options, OPTION_RETENTION_DATABASE), &retention->why);
    return retention->script &&
           script_call(retention->script, "select * from samsyn.retention_due($1)", 1, &retention->as_of,
                       retention->arena, &retention->due, &retention->why) &&
           script_commit(retention->script, &retention->why);
}

static int end(struct retention *retention, bool good)
{
    int status = good && retention->failed == 0 ? 0 : 1;
    if (!good)
        command_fail("%s", retention->why);
    script_end(retention->script);
    arena_destroy(retention->arena);
    free(retention->why);
    return status;
}

static void print_table(const struct retention *retention)
{
    static const int shown[] = {KIND, ID, ORGANISATION, RULE, PROVISION, DUE_ON, HELD};
    static const char *const titles[] = {"what", "id", "whose", "rule", "provision", "due since", "held"};
    enum { SHOWN = sizeof(shown) / sizeof(*shown) };
    for (size_t i = 0; i < SHOWN; i++)
        printf("%s%c", titles[i], i + 1 < SHOWN ? '\t' : '\n');
    for (size_t i = 0; i < retention->due.rows; i++)
        for (size_t j = 0; j < SHOWN; j++) {
            const char *cell = row(retention, i)[shown[j]];
            if (shown[j] == HELD)
                cell = is_held(row(retention, i)) ? "yes" : "no";
            printf("%s%c", cell ? cell : "-", j + 1 < SHOWN ? '\t' : '\n');
        }
    printf("%zu to cull, %zu held\n", count_free(retention), retention->due.rows - count_free(retention));
}

static void print_json(const struct retention *retention)
{
    static const char *const names[COLUMNS] = {
        "kind", "id",       "organisationId", "organisation", "secrecyRegime", "rule", "provision",
        "mode", "openedOn", "endedOn",        "dueOn",        "finishBy",      "held"};
    json_t *items = json_array();
    for (size_t i = 0; i < retention->due.rows; i++) {
        const char *const *item = row(retention, i);
        json_t *object = json_object();
        for (size_t j = 0; j < HELD; j++)
            if (item[j])
                json_object_set_new(object, names[j], json_string(item[j]));
        json_object_set_new(object, names[HELD], json_boolean(is_held(item)));
        json_array_append_new(items, object);
    }
    json_dumpf(items, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(items);
}

int command_retention_list(const struct options *options)
{
    struct retention retention;
    if (!command_need(options, OPTION_RETENTION_DATABASE))
        return 1;
    bool good = begin(&retention, options);
    if (good && options_switch(options, OPTION_JSON))
        print_json(&retention);
    else if (good)
        print_table(&retention);
    return end(&retention, good);
}

/* Culls one thing; what fails is told of and left as it was. */
static bool cull(struct retention *retention, const char *const *item)
{
    const char *values[] = {item[KIND], item[ID], item[ORGANISATION_ID], item[REGIME], item[RULE], retention->as_of};
    struct arena *arena = arena_create();
    struct db_rows answer = {0};
    char *why = NULL;
    bool good =
        script_run(retention->script, "begin", &why) &&
        script_call(retention->script, "select samsyn.cull($1, $2, $3, $4, $5, $6)", 6, values, arena, &answer, &why) &&
        script_commit(retention->script, &why);
    if (!good) {
        command_fail("%s %s of %s is left: %s", item[KIND], item[ID], item[ORGANISATION], why);
        free(why);
        why = NULL;
        retention->failed++;
    } else if (strcmp(answer.cells[0], "t") == 0) {
        printf("culled\t%s\t%s\t%s\t%s\n", item[KIND], item[ID], item[ORGANISATION], item[RULE]);
        retention->culled++;
    } else {
        retention->held++; /* a hold came in between, or somebody else culled it */
    }
    arena_destroy(arena);
    return good || script_run(retention->script, "rollback", &retention->why);
}

static bool cull_all(struct retention *retention)
{
    for (size_t i = 0; i < retention->due.rows; i++) {
        if (is_held(row(retention, i)))
            retention->held++;
        else if (!cull(retention, row(retention, i)))
            return false;
    }
    printf("%zu culled, %zu held, %zu failed\n", retention->culled, retention->held, retention->failed);
    return true;
}

int command_retention_run(const struct options *options)
{
    const char *expected = options_text(options, OPTION_CONFIRM_COUNT);
    struct retention retention;
    if (!command_need(options, OPTION_RETENTION_DATABASE))
        return 1;
    if (!expected && !options_text(options, OPTION_AS_OF))
        return command_fail("say --as-of DATE or --confirm-count N of what samsyn retention list has shown");
    bool good = begin(&retention, options);
    if (good && expected && count_free(&retention) != (size_t)options_number(options, OPTION_CONFIRM_COUNT)) {
        command_fail("%zu are to cull and not %s: nothing was culled", count_free(&retention), expected);
        retention.failed++;
        return end(&retention, good);
    }
    return end(&retention, good && cull_all(&retention));
}
