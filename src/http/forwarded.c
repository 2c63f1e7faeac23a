#include "http/forwarded.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { ELEMENTS_MAX = 16 };

struct element {
    const char *node, *host, *proto; /* for=, host=, proto=, unquoted */
};

static bool is_token(char c)
{
    return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?={}", c);
}

/* Reads token or quoted-string at `*at` (RFC 9110 5.6) into the arena; NULL when it is neither. */
static const char *read_value(const char **at, struct arena *arena)
{
    const char *start = *at;
    if (*start != '"') {
        while (is_token(**at))
            (*at)++;
        return *at == start ? NULL : arena_strndup(arena, start, (size_t)(*at - start));
    }
    const char *end = start + 1;
    while (*end && *end != '"')
        end += end[0] == '\\' && end[1] ? 2 : 1;
    if (!*end)
        return NULL;
    char *value = arena_alloc(arena, (size_t)(end - start)), *write = value;
    for (const char *c = start + 1; c < end; c++) {
        c += *c == '\\';
        *write++ = *c;
    }
    *at = end + 1;
    return value;
}

static void skip_blank(const char **at)
{
    *at += strspn(*at, " \t");
}

static bool read_pair(const char **at, struct element *element, struct arena *arena)
{
    const char *name = *at;
    while (is_token(**at))
        (*at)++;
    size_t length = (size_t)(*at - name);
    if (length == 0 || **at != '=')
        return false;
    (*at)++;
    const char *value = read_value(at, arena);
    if (!value)
        return false;
    const char **place = length == 3 && strncasecmp(name, "for", 3) == 0     ? &element->node
                         : length == 4 && strncasecmp(name, "host", 4) == 0  ? &element->host
                         : length == 5 && strncasecmp(name, "proto", 5) == 0 ? &element->proto
                                                                             : NULL;
    if (place && *place)
        return false; /* each parameter at most once in an element (RFC 7239 4) */
    if (place)
        *place = value;
    return true;
}

/* Returns how many elements there are, or 0 when any is malformed or there are too many. */
static size_t read_elements(const char *at, struct element *elements, struct arena *arena)
{
    size_t count = 0;
    bool more = true;
    while (more) {
        if (count == ELEMENTS_MAX)
            return 0;
        struct element *element = &elements[count++];
        *element = (struct element){0};
        do {
            skip_blank(&at);
            if (!read_pair(&at, element, arena))
                return 0;
            skip_blank(&at);
        } while (*at == ';' && at++);
        if (*at && *at != ',')
            return 0;
        more = *at == ',';
        at += more;
    }
    return count;
}

/* "192.0.2.1", "192.0.2.1:47011", "[2001:db8::1]", "[2001:db8::1]:4711"; not "unknown" or "_hidden". */
static bool node_address(const char *node, struct address *address)
{
    if (node[0] == '[') {
        const char *end = strchr(node, ']');
        return end && (end[1] == '\0' || end[1] == ':') && address_parse(node + 1, (size_t)(end - node) - 1, address);
    }
    return address_parse(node, strcspn(node, ":"), address);
}

static const char *known_proto(const char *proto)
{
    return !proto ? NULL : strcasecmp(proto, "https") == 0 ? "https" : strcasecmp(proto, "http") == 0 ? "http" : NULL;
}

void forwarded_read(struct forwarded *forwarded, const char *value, const struct address *peer,
                    const struct address_list *trusted, struct arena *arena)
{
    struct element elements[ELEMENTS_MAX];
    *forwarded = (struct forwarded){.client = *peer};
    if (!value || !address_list_contains(trusted, peer))
        return;
    size_t left = read_elements(value, elements, arena);
    while (left > 0 && address_list_contains(trusted, &forwarded->client)) {
        const struct element *element = &elements[--left];
        forwarded->host = element->host ? element->host : forwarded->host;
        forwarded->proto = known_proto(element->proto) ? known_proto(element->proto) : forwarded->proto;
        if (!element->node || !node_address(element->node, &forwarded->client))
            return;
    }
}
