#include "http/hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/address.h"

struct hosts {
    size_t count;
    char **names;
};

static void add(struct hosts *hosts, const char *name, size_t length)
{
    char **names = realloc(hosts->names, (hosts->count + 1) * sizeof(*names));
    if (!names)
        abort();
    hosts->names = names;
    hosts->names[hosts->count] = strndup(name, length);
    if (!hosts->names[hosts->count++])
        abort();
}

static void add_listen_address(struct hosts *hosts, const char *listen_address)
{
    struct address address;
    if (!address_parse(listen_address, strlen(listen_address), &address))
        return;
    add(hosts, listen_address, strlen(listen_address));
    if (strchr(listen_address, ':')) {
        char bracketed[ADDRESS_TEXT_SIZE + 2];
        snprintf(bracketed, sizeof(bracketed), "[%s]", listen_address);
        add(hosts, bracketed, strlen(bracketed));
    }
    if (address_is_loopback(&address)) {
        add(hosts, "localhost", strlen("localhost"));
        add(hosts, "127.0.0.1", strlen("127.0.0.1"));
        add(hosts, "[::1]", strlen("[::1]"));
    }
}

struct hosts *hosts_create(const char *allowed, const char *public_url, const char *listen_address)
{
    struct hosts *hosts = calloc(1, sizeof(*hosts));
    if (!hosts)
        abort();
    for (const char *at = allowed ? allowed : ""; *at;) {
        at += strspn(at, " \t,");
        size_t length = strcspn(at, " \t,");
        if (length)
            add(hosts, at, length);
        at += length;
    }
    const char *authority = public_url ? strstr(public_url, "://") : NULL;
    if (authority)
        add(hosts, authority + 3, strcspn(authority + 3, "/"));
    add_listen_address(hosts, listen_address);
    return hosts;
}

void hosts_destroy(struct hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        free(hosts->names[i]);
    free(hosts->names);
    free(hosts);
}

/* Length of the part before the port, or 0 when what follows is not ":" and up to five digits. */
static size_t name_length(const char *host)
{
    const char *close = host[0] == '[' ? strchr(host, ']') : NULL;
    if (host[0] == '[' && !close)
        return 0;
    size_t length = close ? (size_t)(close - host) + 1 : strcspn(host, ":");
    const char *port = host + length;
    if (*port == '\0')
        return length;
    size_t digits = strspn(port + 1, "0123456789");
    return *port == ':' && digits >= 1 && digits <= 5 && port[1 + digits] == '\0' ? length : 0;
}

bool hosts_contain(const struct hosts *hosts, const char *host)
{
    size_t length = host ? name_length(host) : 0;
    for (size_t i = 0; length > 0 && i < hosts->count; i++) {
        const char *name = hosts->names[i];
        if (strcasecmp(name, host) == 0 || (strlen(name) == length && strncasecmp(name, host, length) == 0))
            return true;
    }
    return false;
}
