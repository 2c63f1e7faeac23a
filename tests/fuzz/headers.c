/* Headers that are parsed by hand: Accept, Accept-Language, Content-Type, traceparent, Forwarded and Host, and the
 * lists of addresses and hosts of the configuration. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/accept.h"
#include "http/forwarded.h"
#include "http/hosts.h"
#include "http/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void negotiate(const char *text)
{
    static const char *const produced[] = {"application/json", "text/csv; charset=utf-8"};
    const char *chosen = accept_choose(text, produced, 2);
    if (chosen && chosen != produced[0] && chosen != produced[1])
        abort();
    accept_swedish(text);
    accept_content_type(text, produced[0]);
}

/* With everybody trusted the whole header is walked. */
static void follow(const char *text)
{
    char *why = NULL, client[ADDRESS_TEXT_SIZE];
    struct address_list *everybody = address_list_create("0.0.0.0/0, ::/0", &why);
    struct arena *arena = arena_create();
    struct address peer;
    struct forwarded forwarded;
    address_parse("10.0.0.1", strlen("10.0.0.1"), &peer);
    forwarded_read(&forwarded, text, &peer, everybody, arena);
    address_print(&forwarded.client, client);
    if (!address_parse(client, strlen(client), &peer))
        abort();
    arena_destroy(arena);
    address_list_destroy(everybody);
}

static void configure(const char *text)
{
    char *why = NULL;
    struct address_list *list = address_list_create(text, &why);
    if (list)
        address_list_destroy(list);
    free(why);
    struct hosts *hosts = hosts_create(text, text, "127.0.0.1");
    hosts_contain(hosts, text);
    hosts_destroy(hosts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace trace;
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    negotiate(text);
    follow(text);
    configure(text);
    trace_read(&trace, text);
    if (strlen(trace.id) != TRACE_ID_SIZE - 1 || strlen(trace.parent) != TRACE_PARENT_SIZE - 1)
        abort();
    free(text);
    return 0;
}
