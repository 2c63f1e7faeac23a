#include "log/commitment.h"

#include <stdlib.h>
#include <string.h>

#include "log/base64.h"
#include "log/checkpoint.h"
#include "log/event.h"
#include "log/sha256.h"

enum { TAG_LIST_SALT = 1, TAG_SALT, TAG_DECOY, TAG_ITEM, TAG_COMMITMENT };

static struct merkle_hash hash_two(unsigned char tag, const void *one, size_t one_length, const void *other,
                                   size_t other_length)
{
    struct merkle_hash hash = {0};
    const struct sha256_piece pieces[] = {{&tag, 1}, {one, one_length}, {other, other_length}};
    sha256(pieces, 3, hash.bytes);
    return hash;
}

static struct merkle_hash list_salt(const struct commitment *commitment)
{
    return hash_two(TAG_LIST_SALT, commitment->nonce, strlen(commitment->nonce), commitment->name,
                    strlen(commitment->name));
}

/* SHA-256(tag, salt of the list, number): the salt of a slot, or a decoy. */
static struct merkle_hash numbered(unsigned char tag, const struct merkle_hash *salt, size_t number)
{
    const unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                    (unsigned char)(number >> 8), (unsigned char)number};
    return hash_two(tag, salt->bytes, MERKLE_HASH, bytes, sizeof(bytes));
}

static struct merkle_hash item_slot(const struct merkle_hash *salt, const char *item)
{
    return hash_two(TAG_ITEM, salt->bytes, MERKLE_HASH, item, strlen(item));
}

static size_t slot_count(size_t least, size_t items)
{
    while (least < items)
        least *= 2;
    return least;
}

static struct merkle_hash slot_of(const struct merkle_hash *list, size_t number, const char *const *items, size_t count)
{
    if (number >= count)
        return numbered(TAG_DECOY, list, number);
    struct merkle_hash salt = numbered(TAG_SALT, list, number);
    return item_slot(&salt, items[number]);
}

static struct merkle_hash fold(const struct merkle_hash *slots, size_t count)
{
    return hash_two(TAG_COMMITMENT, slots->bytes, count * MERKLE_HASH, NULL, 0);
}

static int by_bytes(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(struct merkle_hash));
}

/* In the order of their bytes: where an item stands tells nothing of how many stand before it. */
static void fill_slots(struct merkle_hash *slots, size_t room, const struct merkle_hash *list, const char *const *items,
                       size_t count)
{
    for (size_t i = 0; i < room; i++)
        slots[i] = slot_of(list, i, items, count);
    qsort(slots, room, sizeof(*slots), by_bytes);
}

static struct merkle_hash hash_slots(const struct merkle_hash *list, size_t least, const char *const *items,
                                     size_t count)
{
    size_t slots = slot_count(least, count);
    struct merkle_hash few[EVENT_SLOTS_DENIED];
    struct merkle_hash *all = slots <= EVENT_SLOTS_DENIED ? few : calloc(slots, sizeof(*all));
    if (!all)
        abort();
    fill_slots(all, slots, list, items, count);
    struct merkle_hash hash = fold(all, slots);
    if (all != few)
        free(all);
    return hash;
}

struct merkle_hash commitment_hash(const struct commitment *commitment)
{
    struct merkle_hash salt = list_salt(commitment);
    return hash_slots(&salt, commitment->least, commitment->items, commitment->count);
}

/* -- showing ------------------------------------------------------------------------------------------------------ */

static json_t *hash_json(const struct merkle_hash *hash)
{
    char text[BASE64_ENCODED_SIZE(MERKLE_HASH)];
    base64_encode(hash->bytes, MERKLE_HASH, text);
    return json_string(text);
}

/* Where `item` stands in the list and has not been opened yet; the count when nowhere. */
static size_t place_of(const struct commitment *commitment, const char *item, const bool *used)
{
    size_t place = 0;
    while (place < commitment->count && (used[place] || strcmp(commitment->items[place], item) != 0))
        place++;
    return place;
}

/* The slots of the items that were told with their salts, in the order of these; NULL when one is not in the list. */
static json_t *open_slots(const struct commitment *commitment, const struct merkle_hash *list,
                          const struct merkle_hash *slots, size_t room, const json_t *told)
{
    bool *used = calloc(commitment->count + 1, sizeof(*used));
    json_t *opened = json_array();
    const json_t *item;
    size_t index;
    if (!used)
        abort();
    json_array_foreach(told, index, item)
    {
        const char *text = json_string_value(item);
        size_t place = text ? place_of(commitment, text, used) : commitment->count;
        if (place == commitment->count) {
            json_decref(opened);
            opened = NULL;
            break;
        }
        struct merkle_hash salt = numbered(TAG_SALT, list, place), slot = item_slot(&salt, text);
        const struct merkle_hash *at = bsearch(&slot, slots, room, sizeof(*slots), by_bytes);
        json_array_append_new(opened,
                              json_pack("{s:I, s:o}", "slot", (json_int_t)(at - slots), "salt", hash_json(&salt)));
        used[place] = true;
    }
    free(used);
    return opened;
}

static json_t *open_part(const struct commitment *commitment, const json_t *told)
{
    struct merkle_hash list = list_salt(commitment);
    size_t room = slot_count(commitment->least, commitment->count);
    struct merkle_hash *all = calloc(room, sizeof(*all));
    if (!all)
        abort();
    fill_slots(all, room, &list, commitment->items, commitment->count);
    json_t *opened = open_slots(commitment, &list, all, room, told);
    json_t *slots = opened ? json_array() : NULL;
    for (size_t i = 0; slots && i < room; i++)
        json_array_append_new(slots, hash_json(&all[i]));
    free(all);
    return slots ? json_pack("{s:o, s:o}", "slots", slots, "opened", opened) : NULL;
}

json_t *commitment_open(const struct commitment *commitment, const json_t *told, bool whole)
{
    if (json_array_size(told) == 0) {
        struct merkle_hash hash = commitment_hash(commitment);
        return json_pack("{s:o}", "commitment", hash_json(&hash));
    }
    if (whole && json_array_size(told) == commitment->count) {
        struct merkle_hash salt = list_salt(commitment);
        return json_pack("{s:o}", "salt", hash_json(&salt));
    }
    return open_part(commitment, told);
}

/* -- checking ----------------------------------------------------------------------------------------------------- */

static bool read_hash(const json_t *value, struct merkle_hash *hash)
{
    return json_is_string(value) && checkpoint_hash_parse(json_string_value(value), hash);
}

static const char *check_whole(const struct commitment *commitment, const json_t *told, const struct merkle_hash *salt,
                               struct merkle_hash *hash)
{
    size_t count = json_array_size(told);
    if (count == 0 || count > EVENT_ITEMS_MAX)
        return "an opened list cannot be empty, nor so long";
    const char **items = calloc(count, sizeof(*items));
    if (!items)
        abort();
    bool texts = true;
    for (size_t i = 0; i < count && texts; i++)
        texts = (items[i] = json_string_value(json_array_get(told, i))) != NULL;
    if (texts)
        *hash = hash_slots(salt, commitment->least, items, count);
    free(items);
    return texts ? NULL : "an item is not a string";
}

/* One told item must be what its slot holds. */
static const char *check_slot(const json_t *told, const json_t *entry, const struct merkle_hash *slots, bool *used,
                              size_t count)
{
    const char *item = json_string_value(told);
    const json_t *slot = json_object_get(entry, "slot");
    json_int_t number = json_integer_value(slot);
    struct merkle_hash salt;
    if (!item || !json_is_integer(slot) || number < 0 || (size_t)number >= count || used[number] ||
        !read_hash(json_object_get(entry, "salt"), &salt))
        return "an opened slot is malformed, out of range or opened twice";
    struct merkle_hash found = item_slot(&salt, item);
    used[number] = true;
    return merkle_equal(&found, &slots[number]) ? NULL : "an item is not what its slot holds";
}

static const char *check_opened(const json_t *told, const json_t *opened, const struct merkle_hash *slots, size_t count)
{
    const char *why = NULL;
    if (json_array_size(opened) != json_array_size(told))
        return "not as many slots are opened as items told";
    bool *used = calloc(count, sizeof(*used));
    if (!used)
        abort();
    for (size_t i = 0; i < json_array_size(told) && !why; i++)
        why = check_slot(json_array_get(told, i), json_array_get(opened, i), slots, used, count);
    free(used);
    return why;
}

static const char *check_part(const struct commitment *commitment, const json_t *told, const json_t *how,
                              struct merkle_hash *hash)
{
    const json_t *texts = json_object_get(how, "slots");
    size_t count = json_array_size(texts);
    const char *why = NULL;
    if (count < commitment->least || count > EVENT_ITEMS_MAX || (count & (count - 1)) != 0)
        return "the number of slots is not a power of two that can be";
    struct merkle_hash *slots = calloc(count, sizeof(*slots));
    if (!slots)
        abort();
    for (size_t i = 0; i < count && !why; i++)
        if (!read_hash(json_array_get(texts, i), &slots[i]))
            why = "a slot is not a hash";
    if (!why)
        why = check_opened(told, json_object_get(how, "opened"), slots, count);
    if (!why)
        *hash = fold(slots, count);
    free(slots);
    return why;
}

const char *commitment_check(const struct commitment *commitment, const json_t *told, const json_t *how,
                             struct merkle_hash *hash)
{
    struct merkle_hash salt;
    if (!json_is_object(how) || (told && !json_is_array(told)))
        return "there is no opening of the list";
    if (json_object_get(how, "slots"))
        return check_part(commitment, told, how, hash);
    if (json_object_get(how, "salt"))
        return read_hash(json_object_get(how, "salt"), &salt) ? check_whole(commitment, told, &salt, hash)
                                                              : "the salt is not 32 bytes in base64";
    if (json_array_size(told) > 0)
        return "items were told and no slot is opened";
    return read_hash(json_object_get(how, "commitment"), hash) ? NULL : "the commitment is not 32 bytes in base64";
}
