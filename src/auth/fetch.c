#include "auth/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct body {
    size_t length;
    char *bytes; /* FETCH_MAX_BYTES of room, and a NUL */
};

static bool loopback(const char *host)
{
    struct in_addr address;
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static const char *refusal_of_parts(const char *scheme, const char *host, const char *user)
{
    if (user)
        return "must not carry a user name";
    if (!scheme)
        return "is not a URL";
    if (strcmp(scheme, "https") == 0 || (host && strcmp(scheme, "http") == 0 && loopback(host)))
        return NULL;
    return "must be https, or http to the loopback interface";
}

const char *fetch_refusal(const char *url)
{
    char *scheme = NULL, *host = NULL, *user = NULL;
    CURLU *parsed = curl_url();
    if (parsed && curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0);
        curl_url_get(parsed, CURLUPART_HOST, &host, 0);
        curl_url_get(parsed, CURLUPART_USER, &user, 0);
    }
    const char *refusal = refusal_of_parts(scheme, host, user);
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(parsed);
    return refusal;
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct body *body = context;
    size_t length = size * count;
    if (length > FETCH_MAX_BYTES - body->length)
        return 0;
    memcpy(body->bytes + body->length, data, length);
    body->length += length;
    return length;
}

static int watch(void *context, curl_off_t total, curl_off_t now, curl_off_t upload_total, curl_off_t upload_now)
{
    (void)total, (void)now, (void)upload_total, (void)upload_now;
    const atomic_bool *cancelled = context;
    return atomic_load(cancelled) ? 1 : 0;
}

static void set_up(CURL *curl, const char *url, const atomic_bool *cancelled, struct body *body)
{
    bool plain = strncasecmp(url, "http:", 5) == 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    if (plain)
        curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* loopback never goes by a proxy of the environment */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)FETCH_CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_TOTAL_SECONDS);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)FETCH_MAX_BYTES);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, cancelled);
}

/* Carries out what has been set up. The reason of a transfer that failed, or NULL. A write that fails is ours: the
 * document was too large. */
static char *perform(CURL *curl, long *status)
{
    char *why = NULL;
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
        return strdup("is larger than 256 KiB");
    if (code != CURLE_OK && asprintf(&why, "cannot be fetched: %s", curl_easy_strerror(code)) < 0)
        abort();
    return why;
}

static CURL *begin(const char *url, const atomic_bool *cancelled, struct body *body)
{
    CURL *curl = curl_easy_init();
    *body = (struct body){.bytes = malloc(FETCH_MAX_BYTES + 1)};
    if (!curl || !body->bytes)
        abort();
    set_up(curl, url, cancelled, body);
    return curl;
}

json_t *fetch_json(const char *url, const atomic_bool *cancelled, char **why)
{
    json_t *json = NULL;
    struct body body;
    long status = 0;
    CURL *curl = begin(url, cancelled, &body);
    *why = perform(curl, &status);
    if (!*why && status != 200 && asprintf(why, "was answered with status %ld", status) < 0)
        abort();
    if (!*why) {
        json = json_loadb(body.bytes, body.length, JSON_REJECT_DUPLICATES, NULL);
        *why = json ? NULL : strdup("is not JSON");
    }
    curl_easy_cleanup(curl);
    free(body.bytes);
    return json;
}

bool fetch_post(const char *url, const char *text, size_t length, const atomic_bool *cancelled,
                struct fetch_reply *reply, char **why)
{
    struct body body;
    const char *type = NULL;
    CURL *curl = begin(url, cancelled, &body);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
    *reply = (struct fetch_reply){0};
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)length);
    *why = perform(curl, &reply->status);
    if (!*why && curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type)
        snprintf(reply->type, sizeof(reply->type), "%.*s", (int)strcspn(type, "; \t"), type);
    reply->bytes = body.bytes;
    reply->length = body.length;
    reply->bytes[reply->length] = '\0';
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (!*why)
        return true;
    free(reply->bytes);
    reply->bytes = NULL;
    return false;
}
