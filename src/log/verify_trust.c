#include "log/verify_trust.h"

#include <string.h>

/* A witness given twice must not count twice. */
static bool is_known(const struct verify_keys *keys, const struct note_verifier *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].name, key->name) == 0 && memcmp(keys->keys[i].id, key->id, NOTE_KEY_ID) == 0)
            return true;
    return false;
}

const char *verify_keys_add(struct verify_keys *keys, const char *text, enum note_kind kind, struct arena *arena)
{
    while (*text) {
        size_t length = strcspn(text, "\r\n");
        const char *line = arena_strndup(arena, text, length);
        text += length + (text[length] != '\0');
        if (length == 0 || *line == '#')
            continue;
        if (keys->count == VERIFY_KEYS_MAX)
            return "there are too many keys";
        struct note_verifier *key = &keys->keys[keys->count];
        const char *wrong = note_verifier_parse(line, arena, key);
        if (wrong)
            return wrong;
        if (key->kind != kind)
            return kind == NOTE_SIGNED ? "that is the key of a witness and not of a log"
                                       : "that is the key of a log and not of a witness";
        if (kind == NOTE_SIGNED && strcmp(key->name, keys->keys[0].name) != 0)
            return "the keys are those of different logs";
        keys->count += !is_known(keys, key);
    }
    return keys->count > 0 ? NULL : "there is no key in it";
}

/* Whether the note has a signature that says it is by this key; and then, whether it is. */
static bool claims(const struct note *note, const struct note_verifier *key)
{
    for (size_t i = 0; i < note->count; i++)
        if (strcmp(note->signatures[i].name, key->name) == 0 &&
            memcmp(note->signatures[i].id, key->id, NOTE_KEY_ID) == 0)
            return true;
    return false;
}

static const char *check_log(const struct verify_trust *trust, const struct note *note, struct verified *verified,
                             struct arena *arena)
{
    for (size_t i = 0; i < trust->log.count; i++) {
        const struct note_verifier *key = &trust->log.keys[i];
        if (!claims(note, key))
            continue;
        if (!note_verified(note, key, NULL))
            return arena_printf(arena, "the signature of %s does not verify", key->name);
        verified->key = key;
    }
    return verified->key ? NULL : "the checkpoint is signed by none of the given keys";
}

static const char *check_witnesses(const struct verify_trust *trust, size_t needed, const struct note *note,
                                   struct verified *verified, struct arena *arena)
{
    for (size_t i = 0; i < trust->witnesses.count; i++) {
        const struct note_verifier *key = &trust->witnesses.keys[i];
        if (!claims(note, key))
            continue;
        if (!note_verified(note, key, &verified->times[verified->cosigned]))
            return arena_printf(arena, "the cosignature of %s does not verify", key->name);
        verified->witnesses[verified->cosigned++] = key;
    }
    if (verified->cosigned < needed)
        return arena_printf(arena, "the checkpoint is cosigned by %zu of the given witnesses, and %zu are needed",
                            verified->cosigned, needed);
    return NULL;
}

const char *verify_note(const struct verify_trust *trust, size_t needed, const char *bytes, size_t length,
                        struct arena *arena, struct verified *verified)
{
    struct note note;
    *verified = (struct verified){.key = NULL};
    const char *wrong = note_parse(bytes, length, arena, &note);
    if (!wrong)
        wrong = checkpoint_parse(note.text, arena, &verified->checkpoint);
    if (wrong) {
        verified->checkpoint.origin = NULL;
        return wrong;
    }
    if (strcmp(verified->checkpoint.origin, trust->log.keys[0].name) != 0)
        return arena_printf(arena, "the checkpoint is of the log %s and not of %s", verified->checkpoint.origin,
                            trust->log.keys[0].name);
    wrong = check_log(trust, &note, verified, arena);
    return wrong ? wrong : check_witnesses(trust, needed, &note, verified, arena);
}
