/* Inside src/http: libmicrohttpd's and ulfius' callbacks, from the first line of a request to its end. */
#ifndef SAMSYN_HTTP_EXCHANGE_H
#define SAMSYN_HTTP_EXCHANGE_H

#include "http/request.h"

/* MHD_OPTION_URI_LOG_CALLBACK (context: struct http): the request line has been read; `target` is still as the client
 * sent it, before libmicrohttpd decodes it in place. Returns the connection information that ulfius expects. */
void *exchange_start(void *context, const char *target, struct MHD_Connection *from);

/* ulfius' default endpoint: the request has arrived whole. */
int exchange_answer(const struct _u_request *base, struct _u_response *response, void *context);

/* MHD_OPTION_NOTIFY_COMPLETED: the last byte has left, or the connection broke. */
void exchange_end(void *context, struct MHD_Connection *from, void **state, enum MHD_RequestTerminationCode how);

/* MHD_OPTION_NOTIFY_CONNECTION (context: struct http). */
void exchange_connection(void *context, struct MHD_Connection *from, void **socket_context,
                         enum MHD_ConnectionNotificationCode what);

#endif
