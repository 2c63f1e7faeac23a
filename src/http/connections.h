/* The open connections: counted, bounded, and closed when a client is too slow or the server drains. */
#ifndef SAMSYN_HTTP_CONNECTIONS_H
#define SAMSYN_HTTP_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connections;
struct connection;

/* `most`: how many may be served; those above are refused by connection_is_surplus. `patience_s`: how long a
 * request may take to arrive, and how long a reply may take to leave before it must have averaged a kilobyte a
 * second. libmicrohttpd's own time-out only sees silence, so that a byte a second would hold a connection for ever. */
struct connections *connections_create(size_t most, int patience_s);
/* After the last connection is gone. */
void connections_destroy(struct connections *all);

/* A connection begins and ends; `fd` stays open in between. connections_open never fails. */
struct connection *connections_open(struct connections *all, int fd);
void connections_close(struct connection *connection);

/* True when it came above the bound: answer 503 and close. */
bool connection_is_surplus(const struct connection *connection);

/* Its request has arrived whole and is being answered; its reply has been made, of `length` bytes or -1 when it is
 * streamed; another part of the stream has been made; the request is over. */
void connection_begin(struct connection *connection);
void connection_replying(struct connection *connection, int64_t length);
void connection_streamed(struct connection *connection, size_t bytes);
void connection_end(struct connection *connection);

/* True when the client has closed its end: nobody waits for the reply. */
bool connection_abandoned(const struct connection *connection);

/* Requests that are being answered. */
size_t connections_busy(struct connections *all);

/* Connections that are open. */
size_t connections_count(struct connections *all);

/* Lets the connections on which no request is being answered end: what they have sent already is still read and
 * answered, then libmicrohttpd closes them. */
void connections_retire(struct connections *all);
/* Cuts every connection, answered or not. */
void connections_cut(struct connections *all);

#endif
