/* The hosts that this server answers for: an allow-list against forged Host headers (REST API profile HYP.14). */
#ifndef SAMSYN_HTTP_HOSTS_H
#define SAMSYN_HTTP_HOSTS_H

#include <stdbool.h>

struct hosts;

/* `allowed` is comma separated (NULL allowed): "samsyn.example.se" fits any port, "samsyn.example.se:8443" that port.
 * The host of `public_url` (NULL allowed) is added, and `listen_address` with, on loopback, its usual names. */
struct hosts *hosts_create(const char *allowed, const char *public_url, const char *listen_address);
void hosts_destroy(struct hosts *hosts);

/* True when the Host value `host` (NULL: false) is well-formed and on the list; letter case does not matter. */
bool hosts_contain(const struct hosts *hosts, const char *host);

#endif
