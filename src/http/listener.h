/* Listening sockets: opened here rather than by libmicrohttpd, for port 0, IPv6 and clear error messages. */
#ifndef SAMSYN_HTTP_LISTENER_H
#define SAMSYN_HTTP_LISTENER_H

/* Binds and listens on `address` (IPv4 or IPv6, no name) and `port` (0: any free one). Returns the descriptor, owned
 * by the caller, and the port it got; or -1 with `*why` (malloc'd). */
int listener_open(const char *address, unsigned port, unsigned *bound, char **why);

#endif
