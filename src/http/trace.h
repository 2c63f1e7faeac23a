/* W3C Trace Context: the traceparent header, read and written. */
#ifndef SAMSYN_HTTP_TRACE_H
#define SAMSYN_HTTP_TRACE_H

enum { TRACE_ID_SIZE = 33, TRACE_PARENT_SIZE = 56 };

struct trace {
    char id[TRACE_ID_SIZE];         /* 32 lower-case hexadecimal digits */
    char parent[TRACE_PARENT_SIZE]; /* the traceparent to return: same trace, a new parent id, the sampled flag kept */
};

/* Takes the trace over from `traceparent` (NULL when absent). When that is missing or invalid, a fresh trace is
 * begun; a bad header never fails the request (W3C Trace Context 2.2.4, REST API profile 2.0). */
void trace_read(struct trace *trace, const char *traceparent);

#endif
