/* A server on loopback and a client that sends raw bytes, for the tests of src/http/. */
#ifndef SAMSYN_TESTS_HTTP_FIXTURE_H
#define SAMSYN_TESTS_HTTP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http.h"
#include "support/patience.h"

#define HOST "Host: localhost\r\n"

enum { REPLY_MAX = 4 * 1024 * 1024 };

static inline struct http_options usual_options(void)
{
    return (struct http_options){.listen_address = "127.0.0.1",
                                 .max_body = 2000,
                                 .max_connections = 2000,
                                 .idle_timeout_s = 3600,
                                 .drain_s = 300};
}

static inline struct http *start_server(const struct http_options *options, request_handler handler, void *context)
{
    char *why = NULL;
    log_set_level(LOG_ERROR);
    struct http *http = http_start(options, handler, context, &why);
    if (!http)
        fail_msg("%s", why);
    return http;
}

static inline int dial(unsigned port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    void *raw = &to;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, raw, sizeof(to)), 0);
    return fd;
}

static inline void send_bytes(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server may refuse the rest; what it answers is judged by the test */
        bytes += sent;
        length -= (size_t)sent;
    }
}

static inline void send_text(int fd, const char *text)
{
    send_bytes(fd, text, strlen(text));
}

/* One reply, read as far as its framing says. */
struct answer {
    int status; /* 0: the connection was closed without a reply */
    char *head; /* with the status line */
    char *body;
    size_t length; /* of the body, chunked coding removed */
    bool complete;
};

static inline void answer_free(struct answer *answer)
{
    free(answer->head);
    free(answer->body);
    *answer = (struct answer){0};
}

/* The value of a header in the head, or NULL; valid until the next call. */
static inline const char *header(const struct answer *answer, const char *name)
{
    static char value[4096];
    size_t length = strlen(name);
    for (const char *line = strstr(answer->head, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
            const char *start = line + 3 + length + strspn(line + 3 + length, " ");
            snprintf(value, sizeof(value), "%.*s", (int)strcspn(start, "\r"), start);
            return value;
        }
    return NULL;
}

static inline bool read_byte(int fd, char *byte)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, PATIENCE_MS) == 1 && recv(fd, byte, 1, 0) == 1;
}

static inline size_t read_line(int fd, char *line, size_t size)
{
    size_t length = 0;
    while (length + 1 < size && read_byte(fd, line + length))
        if (line[length++] == '\n')
            break;
    line[length] = '\0';
    return length;
}

static inline size_t read_exactly(int fd, char *into, size_t length)
{
    size_t got = 0;
    while (got < length) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        ssize_t part = poll(&wait, 1, PATIENCE_MS) == 1 ? recv(fd, into + got, length - got, 0) : -1;
        if (part <= 0)
            break;
        got += (size_t)part;
    }
    return got;
}

static inline void read_chunks(int fd, struct answer *answer)
{
    char line[64];
    while (read_line(fd, line, sizeof(line)) > 2) {
        size_t size = strtoul(line, NULL, 16);
        assert_true(answer->length + size < REPLY_MAX);
        size_t got = read_exactly(fd, answer->body + answer->length, size);
        answer->length += got;
        if (got < size || read_line(fd, line, sizeof(line)) != 2)
            return;
        if (size == 0) {
            answer->complete = true;
            return;
        }
    }
}

/* Reads the next reply on the connection; `method` tells whether a body follows. */
static inline struct answer read_answer(int fd, const char *method)
{
    struct answer answer = {.head = calloc(1, 65536), .body = calloc(1, REPLY_MAX)};
    size_t at = 0, got;
    while ((got = read_line(fd, answer.head + at, 65536 - at)) > 2)
        at += got;
    answer.head[at] = '\0';
    if (sscanf(answer.head, "HTTP/1.1 %d", &answer.status) != 1)
        return answer;
    const char *length = header(&answer, "Content-Length");
    if (strcmp(method, "HEAD") == 0 || answer.status == 204 || answer.status == 304) {
        answer.complete = true;
    } else if (length) {
        size_t expected = strtoul(length, NULL, 10);
        assert_true(expected < REPLY_MAX);
        answer.length = read_exactly(fd, answer.body, expected);
        answer.complete = answer.length == expected;
    } else if (header(&answer, "Transfer-Encoding")) {
        read_chunks(fd, &answer);
    }
    return answer;
}

/* Sends one request on a connection of its own and reads its reply. */
static inline struct answer exchange_bytes(unsigned port, const char *bytes, size_t length)
{
    int fd = dial(port);
    char method[16] = "";
    sscanf(bytes, "%15s", method);
    send_bytes(fd, bytes, length);
    struct answer answer = read_answer(fd, method);
    close(fd);
    return answer;
}

static inline struct answer ask(unsigned port, const char *request)
{
    return exchange_bytes(port, request, strlen(request));
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text ? text : "(nothing)");
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (text && strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* Asks, and expects a status and a part of the body. */
static inline void expect(unsigned port, const char *request, int status, const char *part)
{
    struct answer answer = ask(port, request);
    if (answer.status != status)
        fail_msg("%d instead of %d for:\n%.300s\n%s%s", answer.status, status, request, answer.head, answer.body);
    assert_contains(answer.body, part);
    answer_free(&answer);
}

/* True as soon as the server has closed the connection, whatever it sent before. */
static inline bool is_closed(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char sink[4096];
    while (poll(&wait, 1, 0) == 1)
        if (recv(fd, sink, sizeof(sink), 0) <= 0)
            return true;
    return false;
}

/* Repeats text; owned by the caller. */
static inline char *repeat(char c, size_t count)
{
    char *text = malloc(count + 1);
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

#endif
