#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static int fail(int fd, const char *address, unsigned port, const char *reason, char **why)
{
    if (asprintf(why, "cannot listen on %s port %u: %s", address, port, reason) < 0)
        abort();
    if (fd >= 0)
        close(fd);
    return -1;
}

static unsigned port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name = {.v6 = {0}};
    socklen_t size = sizeof(name);
    if (getsockname(fd, &name.any, &size) != 0)
        return 0;
    return ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
}

int listener_open(const char *address, unsigned port, unsigned *bound, char **why)
{
    struct addrinfo wish = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[12];
    if (port > 65535)
        return fail(-1, address, port, "the port is above 65535", why);
    snprintf(service, sizeof(service), "%u", port);
    int refused = getaddrinfo(address, service, &wish, &found);
    if (refused)
        return fail(-1, address, port, gai_strerror(refused), why);
    int one = 1, fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int bad = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
              bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0;
    int reason = errno;
    freeaddrinfo(found);
    if (bad)
        return fail(fd, address, port, strerror(reason), why);
    *bound = port_of(fd);
    return fd;
}
