#include "http/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Upper bounds of the latency histogram in microseconds, 1 ms to 10 s. */
static const int64_t bounds[] = {1000,   2500,   5000,    10000,   25000,   50000,   100000,
                                 250000, 500000, 1000000, 2500000, 5000000, 10000000};
enum { BOUNDS = sizeof(bounds) / sizeof(bounds[0]), SLOTS = 512 };

/* One series. Series are added once, never removed, and counted with relaxed atomics: no lock on the way of a
 * request. */
struct series {
    struct series *next;
    char *label;
    int status;
    atomic_uint_fast64_t count;
    atomic_uint_fast64_t sum_us;
    atomic_uint_fast64_t buckets[BOUNDS]; /* not cumulative; what is above the last is in count alone */
};

struct table {
    _Atomic(struct series *) slots[SLOTS];
};

static struct table requests;  /* by operation and status */
static struct table latencies; /* by operation */
static struct table failures;  /* by reason */
static struct table conflicts; /* by kind */
static atomic_uint_fast64_t audit_rows;

static size_t slot_of(const char *label, int status)
{
    uint64_t hash = 1469598103934665603u ^ (uint64_t)status; /* FNV-1a */
    for (const char *c = label; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return hash % SLOTS;
}

static struct series *search(struct series *from, const char *label, int status)
{
    for (struct series *s = from; s; s = s->next)
        if (s->status == status && strcmp(s->label, label) == 0)
            return s;
    return NULL;
}

static struct series *find(struct table *table, const char *label, int status)
{
    _Atomic(struct series *) *slot = &table->slots[slot_of(label, status)];
    struct series *first = atomic_load(slot), *fresh = NULL;
    for (;;) {
        struct series *found = search(first, label, status);
        if (found) {
            if (fresh)
                free(fresh->label);
            free(fresh);
            return found;
        }
        if (!fresh) {
            fresh = calloc(1, sizeof(*fresh));
            if (!fresh || !(fresh->label = strdup(label)))
                abort();
            fresh->status = status;
        }
        fresh->next = first;
        if (atomic_compare_exchange_weak(slot, &first, fresh))
            return fresh;
    }
}

static void add(atomic_uint_fast64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static uint64_t get(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_request(const char *operation, int status, int64_t microseconds)
{
    const char *label = operation ? operation : "none";
    uint64_t took = microseconds > 0 ? (uint64_t)microseconds : 0;
    add(&find(&requests, label, status)->count, 1);
    struct series *latency = find(&latencies, label, 0);
    for (size_t i = 0; i < BOUNDS; i++)
        if ((int64_t)took <= bounds[i]) {
            add(&latency->buckets[i], 1);
            break;
        }
    add(&latency->sum_us, took);
    add(&latency->count, 1);
}

void metrics_token_failure(const char *reason)
{
    add(&find(&failures, reason, 0)->count, 1);
}

void metrics_log_conflict(const char *kind)
{
    add(&find(&conflicts, kind, 0)->count, 1);
}

void metrics_audit_row(void)
{
    add(&audit_rows, 1);
}

/* Prometheus text format 0.0.4: backslash, quote and line feed of a label's value are escaped. */
static void print_label(FILE *out, const char *value)
{
    for (const char *c = value; *c; c++) {
        if (*c == '\n')
            fputs("\\n", out);
        else if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else
            fputc(*c, out);
    }
}

static void print_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_each(FILE *out, const struct table *table, void (*print)(FILE *, const struct series *))
{
    for (size_t i = 0; i < SLOTS; i++)
        for (const struct series *s = atomic_load(&table->slots[i]); s; s = s->next)
            print(out, s);
}

static void print_request(FILE *out, const struct series *s)
{
    fputs("samsyn_http_requests_total{operation=\"", out);
    print_label(out, s->label);
    fprintf(out, "\",status=\"%d\"} %" PRIu64 "\n", s->status, get(&s->count));
}

static void print_bucket(FILE *out, const struct series *s, const char *bound, uint64_t count)
{
    fputs("samsyn_http_request_duration_seconds_bucket{operation=\"", out);
    print_label(out, s->label);
    fprintf(out, "\",le=\"%s\"} %" PRIu64 "\n", bound, count);
}

static void print_latency(FILE *out, const struct series *s)
{
    uint64_t count = get(&s->count), below = 0; /* read first, so that +Inf is never less than a bucket by much */
    for (size_t i = 0; i < BOUNDS; i++) {
        char bound[24];
        snprintf(bound, sizeof(bound), "%g", (double)bounds[i] / 1e6);
        below += get(&s->buckets[i]);
        print_bucket(out, s, bound, below);
    }
    count = count > below ? count : below;
    print_bucket(out, s, "+Inf", count);
    fputs("samsyn_http_request_duration_seconds_sum{operation=\"", out);
    print_label(out, s->label);
    fprintf(out, "\"} %.6f\nsamsyn_http_request_duration_seconds_count{operation=\"", (double)get(&s->sum_us) / 1e6);
    print_label(out, s->label);
    fprintf(out, "\"} %" PRIu64 "\n", count);
}

static void print_failure(FILE *out, const struct series *s)
{
    fputs("samsyn_token_failures_total{reason=\"", out);
    print_label(out, s->label);
    fprintf(out, "\"} %" PRIu64 "\n", get(&s->count));
}

static void print_conflict(FILE *out, const struct series *s)
{
    fputs("samsyn_witness_conflicts_total{kind=\"", out);
    print_label(out, s->label);
    fprintf(out, "\"} %" PRIu64 "\n", get(&s->count));
}

const char *metrics_text(struct arena *arena)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        abort();
    print_head(out, "samsyn_http_requests_total", "counter", "Requests answered, by operation and status.");
    print_each(out, &requests, print_request);
    print_head(out, "samsyn_http_request_duration_seconds", "histogram", "From the whole request to its reply.");
    print_each(out, &latencies, print_latency);
    print_head(out, "samsyn_token_failures_total", "counter", "Access tokens refused, by reason.");
    print_each(out, &failures, print_failure);
    print_head(out, "samsyn_witness_conflicts_total", "counter",
               "Checkpoints of other logs that do not continue what was cosigned, by kind.");
    print_each(out, &conflicts, print_conflict);
    print_head(out, "samsyn_audit_rows_total", "counter", "Audit rows committed.");
    fprintf(out, "samsyn_audit_rows_total %" PRIu64 "\n", get(&audit_rows));
    fclose(out);
    const char *copy = arena_strndup(arena, text, length);
    free(text);
    return copy;
}
