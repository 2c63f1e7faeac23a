/* A small log with everything that an auditor is given of it: exports, archives, proofs of events, signed checkpoints.
 * Rows and keys are the same each time. */
#ifndef TESTS_LOG_SAMPLE_H
#define TESTS_LOG_SAMPLE_H

#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/base64.h"
#include "log/event.h"
#include "log/tile.h"
#include "log/verify_file.h"

#define SAMPLE_ORIGIN "samsyn.example.se/log"
#define SAMPLE_MONTH "2026-03"

struct sample {
    struct arena *arena;
    struct note_signer *signer, *witness;
    struct verify_trust trust; /* the log's key and the witness's; none needed */
    size_t count;
    const char *(*rows)[EVENT_CELLS];
    struct merkle_hash *levels[MERKLE_LEVELS];
};

/* -- keys --------------------------------------------------------------------------------------------------------- */

static struct note_signer *sample_signer(const char *name, enum note_kind kind, unsigned char seed)
{
    char file[] = "/tmp/log_sample.XXXXXX";
    unsigned char bytes[32];
    char *why = NULL;
    memset(bytes, seed, sizeof(bytes));
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, sizeof(bytes));
    FILE *out = fdopen(mkstemp(file), "w");
    if (!key || !out || PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) != 1 || fclose(out) != 0)
        abort();
    EVP_PKEY_free(key);
    struct note_signer *signer = note_signer_read(file, name, kind, &why);
    if (!signer)
        abort();
    unlink(file);
    return signer;
}

static void sample_trust(struct sample *sample, struct verify_keys *keys, const struct note_signer *signer)
{
    const struct note_verifier *verifier = note_signer_verifier(signer);
    if (verify_keys_add(keys, note_verifier_text(verifier, sample->arena), verifier->kind, sample->arena))
        abort();
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

static const char *sample_id(struct sample *sample, unsigned kind, size_t number)
{
    return arena_printf(sample->arena, "0193a5b0-7c1e-7a11-8a%02x-0242%08zx", kind, number);
}

static const char *sample_ids(struct sample *sample, unsigned kind, size_t first, size_t count)
{
    const char *list = "{";
    for (size_t i = 0; i < count; i++)
        list = arena_printf(sample->arena, "%s%s%s", list, i > 0 ? "," : "", sample_id(sample, kind, first + i));
    return arena_printf(sample->arena, "%s}", list);
}

static void sample_row(struct sample *sample, size_t n)
{
    const char **row = sample->rows[n];
    bool denied = n % 7 == 3;
    row[EVENT_ID] = sample_id(sample, 1, n);
    row[EVENT_AT] = arena_printf(sample->arena, SAMPLE_MONTH "-%02zuT%02zu:%02zu:%02zu.%06zuZ", 1 + n / 86400,
                                 n / 3600 % 24, n / 60 % 60, n % 60, n % 1000000);
    row[EVENT_TXID] = arena_printf(sample->arena, "%zu", 700 + n / 2);
    row[EVENT_ORGANISATION_ID] = n % 5 == 4 ? NULL : sample_id(sample, 2, n % 3);
    row[EVENT_USER_ID] = sample_id(sample, 3, n % 11);
    row[EVENT_PARTY_IDS] = sample_ids(sample, 4, n, n % 13 == 5 ? 2 : 0);
    row[EVENT_ROLE] = "case-worker";
    row[EVENT_CLIENT] = "por\"tal \xc3\xa5";
    row[EVENT_OPERATION] = "listRecords";
    row[EVENT_ACTIVITY] = "read";
    row[EVENT_SUBJECT_IDS] = sample_ids(sample, 5, n, n % 4);
    row[EVENT_RESOURCE_IDS] = sample_ids(sample, 6, n, n % 9);
    row[EVENT_CONCERNED_IDS] = sample_ids(sample, 2, 1, n % 2);
    row[EVENT_GROUNDS] = n % 6 == 1 ? "{CONSENT,SOL_19_1}" : "{}";
    row[EVENT_DISCLOSURE_IDS] = sample_ids(sample, 7, n, n % 6 == 1);
    row[EVENT_OUTCOME] = denied ? "denied" : "allowed";
    row[EVENT_CODE] = denied ? "NO_LEGAL_GROUND" : NULL;
    row[EVENT_REQUEST_ID] = sample_id(sample, 8, n);
    row[EVENT_NONCE] = sample_id(sample, 9, n * 7919);
}

static struct event sample_event(struct sample *sample, size_t n)
{
    struct event event;
    if (!event_read(sample->rows[n], sample->arena, &event))
        abort();
    return event;
}

/* Hashes the rows from the leaves up. */
static void sample_hash(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        struct event event = sample_event(sample, i);
        sample->levels[0][i] = event_leaf(&event, sample->arena);
    }
    for (unsigned level = 1; sample->count >> level > 0; level++)
        for (size_t i = 0; i < sample->count >> level; i++)
            sample->levels[level][i] =
                merkle_node(&sample->levels[level - 1][2 * i], &sample->levels[level - 1][2 * i + 1]);
}

static void sample_begin(struct sample *sample, size_t count)
{
    *sample = (struct sample){.arena = arena_create(), .count = count};
    sample->signer = sample_signer(SAMPLE_ORIGIN, NOTE_SIGNED, 1);
    sample->witness = sample_signer("witness.example", NOTE_COSIGNED, 2);
    sample_trust(sample, &sample->trust.log, sample->signer);
    sample_trust(sample, &sample->trust.witnesses, sample->witness);
    sample->rows = calloc(count, sizeof(*sample->rows));
    for (unsigned level = 0; count >> level > 0; level++)
        sample->levels[level] = calloc(count >> level, sizeof(struct merkle_hash));
    for (size_t i = 0; i < count; i++)
        sample_row(sample, i);
    sample_hash(sample);
}

static inline void sample_end(struct sample *sample)
{
    note_signer_free(sample->signer);
    note_signer_free(sample->witness);
    for (unsigned level = 0; level < MERKLE_LEVELS; level++)
        free(sample->levels[level]);
    free(sample->rows);
    arena_destroy(sample->arena);
}

/* -- the tree ----------------------------------------------------------------------------------------------------- */

static bool sample_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    const struct sample *sample = context;
    *hash = sample->levels[level][index];
    return true;
}

static struct merkle_source sample_source(struct sample *sample)
{
    return (struct merkle_source){.subtree = sample_subtree, .context = sample};
}

static struct checkpoint sample_checkpoint(struct sample *sample, uint64_t size)
{
    struct merkle_source source = sample_source(sample);
    struct checkpoint checkpoint = {.origin = SAMPLE_ORIGIN, .size = size, .root = merkle_empty()};
    if (!merkle_root(&source, size, &checkpoint.root))
        abort();
    return checkpoint;
}

static const char *sample_note(struct sample *sample, uint64_t size, bool cosigned)
{
    struct checkpoint checkpoint = sample_checkpoint(sample, size);
    const char *text = checkpoint_text(&checkpoint, sample->arena);
    return arena_printf(sample->arena, "%s\n%s%s", text, note_sign(sample->signer, text, 0, sample->arena),
                        cosigned ? note_sign(sample->witness, text, 1772359353, sample->arena) : "");
}

static struct merkle_proof sample_inclusion(struct sample *sample, uint64_t index, uint64_t size)
{
    struct merkle_source source = sample_source(sample);
    struct merkle_proof proof;
    if (!merkle_prove_inclusion(&source, index, size, &proof))
        abort();
    return proof;
}

static json_t *sample_hashes(struct sample *sample, const struct merkle_proof *proof, size_t skip)
{
    json_t *list = json_array();
    for (size_t i = skip; i < proof->count; i++)
        json_array_append_new(list, json_string(checkpoint_hash_text(&proof->hashes[i], sample->arena)));
    return list;
}

/* -- what is given away ------------------------------------------------------------------------------------------- */

static json_t *sample_list(const struct event_list *list, size_t most)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count && i < most; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

/* What is told of row `n`: of some rows all, of some a part. */
static json_t *sample_told(struct sample *sample, size_t n)
{
    static const struct {
        const char *name;
        enum event_kind kind;
    } fields[EVENT_FIELDS] = {
#define X(identifier, column, name, kind) {name, kind},
        EVENT_TABLE(X)
#undef X
    };
    struct event event = sample_event(sample, n);
    json_t *told = json_object();
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        if (fields[i].kind != EVENT_IS_TEXT)
            json_object_set_new(told, fields[i].name,
                                sample_list(&event.lists[i], fields[i].kind == EVENT_IS_COMMITTED ? n % 5 : 99));
        else if (event.texts[i] && i != EVENT_TXID)
            json_object_set_new(told, fields[i].name, json_string(event.texts[i]));
    }
    json_object_set_new(told, "userName", json_string("Sara Lindalm"));
    return told;
}

static json_t *sample_opening(struct sample *sample, size_t n, const json_t *told)
{
    struct event event = sample_event(sample, n);
    json_t *opening = event_open(&event, told, n % 3 == 0);
    if (!opening)
        abort();
    return opening;
}

static json_t *sample_line(struct sample *sample, size_t n, uint64_t size)
{
    struct merkle_proof proof = sample_inclusion(sample, n, size);
    json_t *told = sample_told(sample, n), *opening = sample_opening(sample, n, told);
    return json_pack("{s:I, s:o, s:o, s:o}", "index", (json_int_t)n, "event", told, "opening", opening, "proof",
                     sample_hashes(sample, &proof, 0));
}

/* Lines of JSON one after another. */
struct sample_text {
    char *bytes; /* malloc'd */
    size_t length;
};

static void sample_put(struct sample_text *text, json_t *line)
{
    char *dumped = json_dumps(line, JSON_COMPACT);
    size_t length = strlen(dumped);
    text->bytes = realloc(text->bytes, text->length + length + 2);
    memcpy(text->bytes + text->length, dumped, length);
    text->length += length;
    text->bytes[text->length++] = '\n';
    text->bytes[text->length] = '\0';
    free(dumped);
    json_decref(line);
}

static json_t *sample_header(struct sample *sample, uint64_t size, uint64_t since)
{
    json_t *header = json_pack("{s:i, s:s, s:s}", "samsynExport", 1, "origin", SAMPLE_ORIGIN, "checkpoint",
                               sample_note(sample, size, true));
    struct merkle_source source = sample_source(sample);
    struct merkle_proof proof;
    if (since > 0 && merkle_prove_consistency(&source, since, size, &proof))
        json_object_set_new(header, "since",
                            json_pack("{s:s, s:o}", "checkpoint", sample_note(sample, since, false), "proof",
                                      sample_hashes(sample, &proof, 0)));
    return header;
}

/* The newest `count` events of the tree of `size`. */
static struct sample_text sample_export(struct sample *sample, uint64_t size, uint64_t since, size_t count)
{
    struct sample_text text = {0};
    sample_put(&text, sample_header(sample, size, since));
    for (size_t i = 0; i < count; i++)
        sample_put(&text, sample_line(sample, size - 1 - i, size));
    sample_put(&text, json_pack("{s:b, s:I}", "end", 1, "events", (json_int_t)count));
    return text;
}

static json_t *sample_tile(struct sample *sample, uint64_t tile, uint64_t size)
{
    unsigned width = tile_width(0, tile, size), skip = 0;
    struct merkle_proof proof = sample_inclusion(sample, tile * TILE_WIDTH, size);
    char hashes[BASE64_ENCODED_SIZE(TILE_WIDTH * MERKLE_HASH)];
    while (skip < 8 && 1u << skip < width)
        skip++; /* what is within the tile */
    base64_encode(sample->levels[0][tile * TILE_WIDTH].bytes, width * MERKLE_HASH, hashes);
    return json_pack("{s:I, s:s, s:o}", "tile", (json_int_t)tile, "hashes", hashes, "proof",
                     sample_hashes(sample, &proof, skip));
}

static json_t *sample_whole_row(struct sample *sample, size_t n)
{
    static const char *const columns[EVENT_FIELDS] = {
#define X(identifier, column, name, kind) column,
        EVENT_TABLE(X)
#undef X
    };
    struct event event = sample_event(sample, n);
    json_t *row = json_object();
    for (size_t i = 0; i < EVENT_FIELDS; i++)
        json_object_set_new(row, columns[i],
                            sample->rows[n][i] && *sample->rows[n][i] == '{'
                                ? sample_list(&event.lists[i], EVENT_ITEMS_MAX)
                                : (event.texts[i] ? json_string(event.texts[i]) : json_null()));
    json_object_set_new(row, "nonce", json_string(event.nonce));
    return json_pack("{s:I, s:o}", "index", (json_int_t)n, "row", row);
}

/* The rows from `first` to before `end`, of the tree of `size`. */
static struct sample_text sample_archive(struct sample *sample, uint64_t size, size_t first, size_t end)
{
    struct sample_text text = {0};
    uint64_t tiles = 0;
    sample_put(&text, json_pack("{s:i, s:s, s:s, s:s}", "samsynArchive", 1, "origin", SAMPLE_ORIGIN, "month",
                                SAMPLE_MONTH, "checkpoint", sample_note(sample, size, true)));
    for (size_t i = first; i < end; i++) {
        if (i == first || i % TILE_WIDTH == 0) {
            sample_put(&text, sample_tile(sample, i / TILE_WIDTH, size));
            tiles++;
        }
        sample_put(&text, sample_whole_row(sample, i));
    }
    sample_put(&text,
               json_pack("{s:b, s:I, s:I}", "end", 1, "events", (json_int_t)(end - first), "tiles", (json_int_t)tiles));
    return text;
}

static struct sample_text sample_proof(struct sample *sample, size_t n, uint64_t size)
{
    json_t *told = sample_told(sample, n), *opening = sample_opening(sample, n, told);
    json_t *extra = json_pack("{s:o, s:o}", "event", told, "opening", opening);
    char *dumped = json_dumps(extra, JSON_COMPACT);
    struct entry_proof proof = {.extra = dumped,
                                .extra_length = strlen(dumped),
                                .index = n,
                                .proof = sample_inclusion(sample, n, size),
                                .note = sample_note(sample, size, true)};
    char *bytes = strdup(entry_proof_text(&proof, sample->arena));
    free(dumped);
    json_decref(extra);
    return (struct sample_text){bytes, strlen(bytes)};
}

#endif
