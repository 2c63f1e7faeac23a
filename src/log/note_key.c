#include "log/note_key.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/text.h"
#include "log/base64.h"
#include "log/sha256.h"

enum { KEY_BYTES = 1 + NOTE_PUBLIC_KEY, KEY_CHARACTERS = KEY_BYTES / 3 * 4, ID_CHARACTERS = 8 };

struct note_signer {
    EVP_PKEY *key;
    char *name;
    struct note_verifier verifier;
};

bool note_name_valid(const char *name)
{
    /* U+0085, and the separators of Unicode (Zs, Zl, Zp) */
    static const char *const spaces[] = {
        "\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
        "\u2007",   "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000",
    };
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '+' || *c == 0x7f)
            return false;
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (strstr(name, spaces[i]))
            return false;
    return *name && text_is_utf8(name, strlen(name));
}

/* The first bytes of SHA-256(name, newline, kind, key). */
static void set_id(struct note_verifier *verifier)
{
    unsigned char hash[SHA256_SIZE], kind[] = {'\n', (unsigned char)verifier->kind};
    const struct sha256_piece pieces[] = {
        {verifier->name, strlen(verifier->name)}, {kind, sizeof(kind)}, {verifier->key, NOTE_PUBLIC_KEY}};
    sha256(pieces, 3, hash);
    memcpy(verifier->id, hash, NOTE_KEY_ID);
}

/* The key id as written: eight digits, in lower case when written by us. */
static void write_id(const struct note_verifier *verifier, char text[ID_CHARACTERS + 1])
{
    for (size_t i = 0; i < NOTE_KEY_ID; i++)
        snprintf(text + 2 * i, 3, "%02x", verifier->id[i]);
}

const char *note_verifier_parse(const char *text, struct arena *arena, struct note_verifier *verifier)
{
    unsigned char bytes[KEY_BYTES];
    char id[ID_CHARACTERS + 1];
    size_t size;
    const char *first = strchr(text, '+'), *second = first ? strchr(first + 1, '+') : NULL;
    if (!second)
        return "a verifier key is a name, a key id and a key, with plus signs between";
    verifier->name = arena_strndup(arena, text, (size_t)(first - text));
    if (!note_name_valid(verifier->name))
        return "the name of a key must not be empty or have spaces or control characters";
    if (strlen(second + 1) != KEY_CHARACTERS || !base64_decode(second + 1, KEY_CHARACTERS, bytes, &size) ||
        size != KEY_BYTES)
        return "the key must be 33 bytes in base64";
    if (bytes[0] != NOTE_SIGNED && bytes[0] != NOTE_COSIGNED)
        return "the kind of key is none of those known: Ed25519 signature (1) and cosignature (4)";
    verifier->kind = (enum note_kind)bytes[0];
    memcpy(verifier->key, bytes + 1, NOTE_PUBLIC_KEY);
    set_id(verifier);
    write_id(verifier, id);
    if (second - first - 1 != ID_CHARACTERS || strncasecmp(first + 1, id, ID_CHARACTERS) != 0)
        return "the key id is not that of the name and key";
    return NULL;
}

const char *note_verifier_text(const struct note_verifier *verifier, struct arena *arena)
{
    unsigned char bytes[KEY_BYTES] = {(unsigned char)verifier->kind};
    char id[ID_CHARACTERS + 1], key[KEY_CHARACTERS + 1];
    memcpy(bytes + 1, verifier->key, NOTE_PUBLIC_KEY);
    base64_encode(bytes, KEY_BYTES, key);
    write_id(verifier, id);
    return arena_printf(arena, "%s+%s+%s", verifier->name, id, key);
}

/* Steals the key. */
static struct note_signer *create_signer(EVP_PKEY *key, const char *name, enum note_kind kind)
{
    struct note_signer *signer = calloc(1, sizeof(*signer));
    size_t size = NOTE_PUBLIC_KEY;
    if (!signer || !(signer->name = strdup(name)))
        abort();
    signer->key = key;
    signer->verifier = (struct note_verifier){.name = signer->name, .kind = kind};
    if (EVP_PKEY_get_raw_public_key(key, signer->verifier.key, &size) != 1)
        abort();
    set_id(&signer->verifier);
    return signer;
}

static EVP_PKEY *read_private_key(FILE *file)
{
    char no_password[] = ""; /* without one, OpenSSL would ask at the terminal */
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, no_password);
    ERR_clear_error();
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

struct note_signer *note_signer_read(const char *file, const char *name, enum note_kind kind, char **why)
{
    EVP_PKEY *key = NULL;
    const char *wrong = NULL;
    *why = NULL;
    if (!note_name_valid(name)) {
        wrong = "the name of its key must not be empty or have spaces, plus signs or control characters";
    } else {
        FILE *opened = fopen(file, "re");
        key = opened ? read_private_key(opened) : NULL;
        wrong = !opened ? strerror(errno) : !key ? "is not an unencrypted Ed25519 private key in PEM" : NULL;
        if (opened)
            fclose(opened);
    }
    if (!wrong)
        return create_signer(key, name, kind);
    if (asprintf(why, "%s: %s", file, wrong) < 0)
        abort();
    return NULL;
}

void note_signer_free(struct note_signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_free(signer->key);
    free(signer->name);
    free(signer);
}

const struct note_verifier *note_signer_verifier(const struct note_signer *signer)
{
    return &signer->verifier;
}

void note_key_sign(const struct note_signer *signer, const char *message, unsigned char signature[NOTE_SIGNATURE])
{
    size_t size = NOTE_SIGNATURE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, signer->key, NULL) != 1 ||
        EVP_DigestSign(context, signature, &size, (const unsigned char *)message, strlen(message)) != 1)
        abort();
    EVP_MD_CTX_free(context);
}

bool note_key_verify(const struct note_verifier *verifier, const char *message,
                     const unsigned char signature[NOTE_SIGNATURE])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, verifier->key, NOTE_PUBLIC_KEY);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool valid =
        key && context && EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
        EVP_DigestVerify(context, signature, NOTE_SIGNATURE, (const unsigned char *)message, strlen(message)) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return valid;
}
