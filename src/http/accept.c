#include "http/accept.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A piece of a header value: not NUL-terminated. */
struct piece {
    const char *start;
    size_t length;
};

static struct piece trim(const char *start, size_t length)
{
    while (length && (*start == ' ' || *start == '\t'))
        start++, length--;
    while (length && (start[length - 1] == ' ' || start[length - 1] == '\t'))
        length--;
    return (struct piece){start, length};
}

/* Takes the next piece before `separator`, which does not count inside quotes; false at the end. */
static bool next_piece(const char **rest, const char *end, char separator, struct piece *piece)
{
    if (!*rest)
        return false;
    const char *start = *rest, *at = start;
    bool quoted = false;
    for (; at < end && (quoted || *at != separator); at++) {
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
    }
    *piece = trim(start, (size_t)(at - start));
    *rest = at < end ? at + 1 : NULL;
    return true;
}

static bool equals(struct piece piece, const char *text)
{
    return piece.length == strlen(text) && strncasecmp(piece.start, text, piece.length) == 0;
}

static bool split_parameter(struct piece piece, struct piece *name, struct piece *value)
{
    const char *equal = memchr(piece.start, '=', piece.length);
    if (!equal)
        return false;
    *name = trim(piece.start, (size_t)(equal - piece.start));
    *value = trim(equal + 1, piece.length - (size_t)(equal - piece.start) - 1);
    if (value->length >= 2 && value->start[0] == '"' && value->start[value->length - 1] == '"')
        *value = (struct piece){value->start + 1, value->length - 2};
    return name->length > 0;
}

/* A quality in thousandths, 0..1000, or -1 when it is not of the form of RFC 9110 12.4.2. */
static int quality(struct piece value)
{
    if (value.length < 1 || value.length > 5 || (value.start[0] != '0' && value.start[0] != '1'))
        return -1;
    if (value.length > 1 && value.start[1] != '.')
        return -1;
    int result = (value.start[0] - '0') * 1000, weight = 100;
    for (size_t i = 2; i < value.length; i++, weight /= 10) {
        if (!isdigit((unsigned char)value.start[i]))
            return -1;
        result += (value.start[i] - '0') * weight;
    }
    return result <= 1000 ? result : -1;
}

static bool charset_utf8(struct piece name, struct piece value)
{
    return equals(name, "charset") && equals(value, "utf-8");
}

/* One element of Accept or Accept-Language: what is asked for and how much. */
struct range {
    struct piece what;
    int quality;
    bool narrowed; /* has a parameter that nothing here produces */
};

static bool parse_range(struct piece element, struct range *range)
{
    const char *rest = element.start, *end = element.start + element.length;
    struct piece piece, name, value;
    *range = (struct range){.quality = 1000};
    if (!next_piece(&rest, end, ';', &range->what) || range->what.length == 0)
        return false;
    while (next_piece(&rest, end, ';', &piece)) {
        if (!split_parameter(piece, &name, &value))
            return false;
        if (equals(name, "q")) {
            range->quality = quality(value);
            return range->quality >= 0;
        }
        if (!charset_utf8(name, value))
            range->narrowed = true;
    }
    return true;
}

/* How exactly the range covers the type: 0 not at all, 1 any type, 2 any subtype, 3 the type itself. */
static int fit(const struct range *range, struct piece type)
{
    if (range->narrowed)
        return 0;
    if (equals(range->what, "*/*"))
        return 1;
    const char *slash = memchr(type.start, '/', type.length);
    size_t family = slash ? (size_t)(slash - type.start) + 1 : 0;
    if (family && range->what.length == family + 1 && range->what.start[family] == '*' &&
        strncasecmp(range->what.start, type.start, family) == 0)
        return 2;
    if (range->what.length == type.length && strncasecmp(range->what.start, type.start, type.length) == 0)
        return 3;
    return 0;
}

/* The quality that the most exact of the ranges gives to the type; 0 when none covers it. */
static int type_quality(const char *accept, struct piece type)
{
    const char *rest = accept, *end = accept + strlen(accept);
    struct piece element;
    struct range range;
    int best = 0, result = 0;
    while (next_piece(&rest, end, ',', &element)) {
        if (!parse_range(element, &range))
            continue;
        int exactness = fit(&range, type);
        if (exactness > best) {
            best = exactness;
            result = range.quality;
        }
    }
    return result;
}

const char *accept_choose(const char *accept, const char *const *produced, size_t count)
{
    if (count == 0)
        return NULL;
    if (!accept)
        return produced[0];
    const char *chosen = NULL;
    int highest = 0;
    for (size_t i = 0; i < count; i++) {
        struct piece type = trim(produced[i], strcspn(produced[i], ";"));
        int given = type_quality(accept, type);
        if (given > highest) {
            highest = given;
            chosen = produced[i];
        }
    }
    return chosen;
}

/* "sv" covers "sv" and "sv-FI" (RFC 4647 3.3.1). */
static bool language_is(struct piece range, const char *primary)
{
    size_t length = strlen(primary);
    return range.length >= length && strncasecmp(range.start, primary, length) == 0 &&
           (range.length == length || range.start[length] == '-');
}

bool accept_swedish(const char *languages)
{
    if (!languages)
        return false;
    const char *rest = languages, *end = languages + strlen(languages);
    struct piece element;
    struct range range;
    int swedish = 0, english = 0;
    bool swedish_first = false;
    while (next_piece(&rest, end, ',', &element)) {
        if (!parse_range(element, &range))
            continue;
        if (language_is(range.what, "sv") && range.quality > swedish) {
            swedish_first = english == 0;
            swedish = range.quality;
        }
        if (language_is(range.what, "en") && range.quality > english)
            english = range.quality;
    }
    return swedish > english || (swedish > 0 && swedish == english && swedish_first);
}

bool accept_content_type(const char *given, const char *type)
{
    const char *rest = given, *end = given + strlen(given);
    struct piece piece, name, value;
    if (!next_piece(&rest, end, ';', &piece) || !equals(piece, type))
        return false;
    while (next_piece(&rest, end, ';', &piece)) {
        if (piece.length == 0 && !rest)
            return true; /* "application/json;" */
        if (!split_parameter(piece, &name, &value) || !charset_utf8(name, value))
            return false;
    }
    return true;
}
