/* How the ways of serving connections compare: `connections [SECONDS] [MODEL...]`, one JSON line for each model and
 * load.
 *
 * Models: `select` is ulfius as it starts by default (a thread for each connection, select); `thread` is a thread
 * for each connection with poll; `epoll:N` a pool of N threads, each with an epoll set; the last two through
 * http_start. Loads: `busy` is wrk with 32 connections against a handler that sleeps a millisecond, as the database
 * would; `crowd` is the same beside 1,200 idle connections, 50 that send a byte of their request a second and 50
 * that ask for a megabyte and read a kilobyte of it a second. Needs wrk on the path and 3,000 descriptors. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <ulfius.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http.h"

enum {
    BUSY = 32,
    IDLE = 1200,
    SLOW_WRITERS = 50,
    SLOW_READERS = 50,
    CROWD = IDLE + SLOW_WRITERS + SLOW_READERS,
    SMALL = 1024,
    LARGE = 1024 * 1024,
    SELECT_PORT = 18080
};

static char content[LARGE];

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void answer(void *context, struct request *request, struct reply *reply)
{
    (void)context;
    bool large = strcmp(request_path(request), "/large") == 0;
    if (!large)
        sleep_ms(1);
    reply->status = 200;
    reply->type = "application/json";
    reply->body = content;
    reply->length = large ? LARGE : SMALL;
}

static int answer_plainly(const struct _u_request *request, struct _u_response *response, void *context)
{
    (void)context;
    bool large = strcmp(request->url_path, "/large") == 0;
    if (!large)
        sleep_ms(1);
    ulfius_set_binary_body_response(response, 200, content, large ? LARGE : SMALL);
    return U_CALLBACK_COMPLETE;
}

static unsigned serve_plainly(void)
{
    static struct _u_instance instance;
    if (ulfius_init_instance(&instance, SELECT_PORT, NULL, NULL) != U_OK ||
        ulfius_add_endpoint_by_val(&instance, "GET", NULL, "*", 0, answer_plainly, NULL) != U_OK ||
        ulfius_start_framework(&instance) != U_OK)
        return 0;
    return SELECT_PORT;
}

static unsigned serve(const char *model)
{
    struct http_options options = {
        .listen_address = "127.0.0.1", .max_body = LARGE, .max_connections = 2000, .idle_timeout_s = 120, .drain_s = 1};
    char *why = NULL;
    if (strcmp(model, "select") == 0)
        return serve_plainly();
    if (strncmp(model, "epoll:", 6) == 0)
        options.threads = (unsigned)atoi(model + 6);
    struct http *http = http_start(&options, answer, NULL, &why);
    return http ? http_port(http) : 0;
}

/* The server is a process of its own, so that its memory and time are its own. */
static pid_t spawn(const char *model, unsigned *port)
{
    int channel[2];
    if (pipe(channel) != 0)
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        *port = serve(model);
        if (write(channel[1], port, sizeof(*port)) != (ssize_t)sizeof(*port))
            _exit(1);
        for (;;)
            pause();
    }
    if (read(channel[0], port, sizeof(*port)) != (ssize_t)sizeof(*port) || *port == 0) {
        fprintf(stderr, "%s does not start\n", model);
        exit(1);
    }
    close(channel[0]);
    close(channel[1]);
    return child;
}

static int dial(unsigned port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int small = 4096, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    void *raw = &to;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    if (fd < 0 || connect(fd, raw, sizeof(to)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static atomic_bool crowd_over;

static void *keep_crowd(void *context)
{
    const int *fds = context;
    char piece[1024];
    while (!atomic_load(&crowd_over)) {
        for (size_t i = IDLE; i < CROWD; i++) {
            if (i < IDLE + SLOW_WRITERS)
                (void)!send(fds[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
            else
                (void)!recv(fds[i], piece, sizeof(piece), MSG_DONTWAIT);
        }
        sleep_ms(1000);
    }
    return NULL;
}

static void gather(unsigned port, int *fds)
{
    static const char large[] = "GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", start[] = "GET /slow HTTP/1.1\r\nX: ";
    for (size_t i = 0; i < CROWD; i++) {
        fds[i] = dial(port);
        if (i >= IDLE + SLOW_WRITERS)
            (void)!send(fds[i], large, sizeof(large) - 1, MSG_NOSIGNAL);
        else if (i >= IDLE)
            (void)!send(fds[i], start, sizeof(start) - 1, MSG_NOSIGNAL);
    }
}

static long of_process(pid_t child, const char *member)
{
    char path[64], line[256];
    long value = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", child);
    FILE *status = fopen(path, "r");
    while (status && fgets(line, sizeof(line), status))
        if (strncmp(line, member, strlen(member)) == 0)
            value = atol(line + strlen(member) + 1);
    if (status)
        fclose(status);
    return value;
}

static double cpu_seconds(pid_t child)
{
    char path[64];
    unsigned long user = 0, kernel = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", child);
    FILE *stat = fopen(path, "r");
    if (!stat || fscanf(stat, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        exit(1);
    fclose(stat);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void measure(const char *model, const char *load, unsigned port, pid_t child, int seconds)
{
    char command[160], line[256], p50[32] = "", p99[32] = "", errors[128] = "none";
    double rate = 0, before = cpu_seconds(child);
    snprintf(command, sizeof(command), "wrk -t2 -c%d -d%d --timeout 10 --latency http://127.0.0.1:%u/sleep", BUSY,
             seconds, port);
    FILE *wrk = popen(command, "r");
    while (wrk && fgets(line, sizeof(line), wrk)) {
        sscanf(line, " 50%% %31s", p50);
        sscanf(line, " 99%% %31s", p99);
        sscanf(line, " Requests/sec: %lf", &rate);
        sscanf(line, " Socket errors: %127[^\n]", errors);
    }
    if (!wrk || pclose(wrk) != 0)
        exit(1);
    printf("{\"model\":\"%s\",\"load\":\"%s\",\"perSecond\":%.0f,\"p50\":\"%s\",\"p99\":\"%s\",\"errors\":\"%s\","
           "\"cpuUsPerRequest\":%.1f,\"rssKb\":%ld,\"threads\":%ld}\n",
           model, load, rate, p50, p99, errors, rate > 0 ? (cpu_seconds(child) - before) * 1e6 / (rate * seconds) : 0,
           of_process(child, "VmRSS:"), of_process(child, "Threads:"));
    fflush(stdout);
}

static void compare(const char *model, int seconds)
{
    static int fds[CROWD];
    unsigned port = 0;
    pthread_t keeper;
    pid_t child = spawn(model, &port);
    measure(model, "busy", port, child, seconds);
    gather(port, fds);
    atomic_store(&crowd_over, false);
    pthread_create(&keeper, NULL, keep_crowd, fds);
    sleep_ms(2000); /* all are accepted by now: wrk would count the wait for it among its percentiles */
    measure(model, "crowd", port, child, seconds);
    atomic_store(&crowd_over, true);
    pthread_join(keeper, NULL);
    for (size_t i = 0; i < CROWD; i++)
        close(fds[i]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int main(int count, char **arguments)
{
    static const char *const usual[] = {"select", "thread", "epoll:4", "epoll:16", "epoll:32"};
    int seconds = count > 1 ? atoi(arguments[1]) : 5;
    log_set_level(LOG_ERROR);
    memset(content, 'x', sizeof(content));
    for (int i = 2; i < count; i++)
        compare(arguments[i], seconds);
    for (size_t i = 0; count <= 2 && i < sizeof(usual) / sizeof(usual[0]); i++)
        compare(usual[i], seconds);
    return 0;
}
