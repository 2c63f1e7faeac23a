/* Keys that come, go and cannot be had: files that are rewritten and a small server that hands out key sets. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "auth/key_source.h"
#include "auth_keys.h"
#include "support/patience.h"

#define ISSUER "https://issuer.example"

enum { NEVER_S = 86400, WAIT_US = KEY_SOURCE_WAIT_MS * 1000 };

static EVP_PKEY *old_key, *new_key;
static char path[] = "/tmp/auth_rotation.XXXXXX";

/* What the server says to the next request. */
static struct {
    struct MHD_Daemon *daemon;
    char url[64];
    pthread_mutex_t lock;
    char *body;
    unsigned status;
    atomic_int requests;
    atomic_int delay_ms;
    atomic_bool chunked; /* send the length of nothing beforehand */
    struct gate gate;    /* before every answer */
} server = {.lock = PTHREAD_MUTEX_INITIALIZER, .gate = GATE_OPEN};

static ssize_t next_chunk(void *context, uint64_t position, char *room, size_t size)
{
    const char *body = context;
    size_t rest = strlen(body) - (size_t)position;
    if (rest == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t length = rest < size ? rest : size;
    memcpy(room, body + position, length);
    return (ssize_t)length;
}

/* The body as it stands, with its length or in chunks. */
static struct MHD_Response *response_of(const char *body)
{
    if (atomic_load(&server.chunked))
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, next_chunk, strdup(body), free);
    return MHD_create_response_from_buffer(strlen(body), server.body, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **state)
{
    (void)context, (void)url, (void)method, (void)version, (void)data, (void)size, (void)state;
    atomic_fetch_add(&server.requests, 1);
    sleep_ms(atomic_load(&server.delay_ms));
    gate_pass(&server.gate);
    pthread_mutex_lock(&server.lock);
    struct MHD_Response *response = response_of(server.body);
    unsigned status = server.status;
    pthread_mutex_unlock(&server.lock);
    MHD_add_response_header(response, "Location", server.url);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Steals `body`. */
static void serve(unsigned status, char *body)
{
    pthread_mutex_lock(&server.lock);
    free(server.body);
    server.body = body;
    server.status = status;
    pthread_mutex_unlock(&server.lock);
}

static char *key_set(EVP_PKEY *one, const char *kid, EVP_PKEY *two, const char *other_kid)
{
    json_t *set =
        json_pack("{s:[o, o*]}", "keys", keys_jwk(one, kid, "RS256"), two ? keys_jwk(two, other_kid, "RS256") : NULL);
    char *text = json_dumps(set, 0);
    json_decref(set);
    return text;
}

/* Steals `text`. Renamed into place, as whoever rotates keys should: half a file is never seen. */
static void write_keys(char *text)
{
    char draft[sizeof(path) + 4];
    snprintf(draft, sizeof(draft), "%s.new", path);
    FILE *file = fopen(draft, "w");
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(draft, path), 0);
    free(text);
}

static struct auth *auth_of(const char *member, const char *value, int refresh_seconds)
{
    return keys_auth(json_pack("{s:[{s:s, s:s, s:[s], s:s, s:i}]}", "issuers", "issuer", ISSUER, "audience", "samsyn",
                               "algorithms", "RS256", member, value, "refreshSeconds", refresh_seconds));
}

static bool comes_to(struct auth *auth, const char *token, enum token_failure expected)
{
    return keys_verify(auth, token, KEYS_NOW) == expected;
}

/* The outcome for a token that waits for the newest keys. Where the machine needs longer for them than anybody waits,
 * that is as good as the outcome once they are there. */
static enum token_failure verify_by_newest(struct auth *auth, const char *token)
{
    int64_t start = clock_monotonic_us();
    enum token_failure failure = keys_verify(auth, token, KEYS_NOW);
    if (failure == TOKEN_KEY_UNKNOWN && clock_monotonic_us() - start >= WAIT_US) {
        WAIT_UNTIL(comes_to(auth, token, TOKEN_OK));
        return TOKEN_OK;
    }
    return failure;
}

static void a_new_key_in_the_file_is_found_at_once(void **state)
{
    (void)state;
    write_keys(key_set(old_key, "old", NULL, NULL));
    struct auth *auth = auth_of("jwksFile", path, NEVER_S);
    char *old_token = keys_good_token(old_key, ISSUER, "old");
    char *new_token = keys_good_token(new_key, ISSUER, "new");
    assert_int_equal(keys_verify(auth, old_token, KEYS_NOW), TOKEN_OK);

    write_keys(key_set(old_key, "old", new_key, "new"));

    assert_int_equal(verify_by_newest(auth, new_token), TOKEN_OK);
    assert_int_equal(keys_verify(auth, old_token, KEYS_NOW), TOKEN_OK);
    auth_destroy(auth);
    free(old_token);
    free(new_token);
}

static void unknown_kids_load_the_keys_once_in_an_interval(void **state)
{
    (void)state;
    serve(200, key_set(old_key, "old", NULL, NULL));
    struct auth *auth = auth_of("jwksUrl", server.url, NEVER_S);
    char *unknown = keys_good_token(new_key, ISSUER, "new");
    WAIT_UNTIL(auth_ready(auth));
    int before = atomic_load(&server.requests);

    for (int i = 0; i < 20; i++)
        assert_int_equal(keys_verify(auth, unknown, KEYS_NOW), TOKEN_KEY_UNKNOWN);

    WAIT_UNTIL(atomic_load(&server.requests) > before);
    assert_int_equal(atomic_load(&server.requests) - before, 1);
    auth_destroy(auth);
    free(unknown);
}

static void a_key_that_disappeared_takes_its_cached_tokens_along(void **state)
{
    (void)state;
    uint64_t hits, misses, hits_before;
    write_keys(key_set(old_key, "old", new_key, "new"));
    struct auth *auth = auth_of("jwksFile", path, 1);
    char *token = keys_good_token(old_key, ISSUER, "old");
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);
    auth_cache_counts(auth, &hits_before, &misses);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);
    auth_cache_counts(auth, &hits, &misses);
    assert_int_equal(hits, hits_before + 1);

    write_keys(key_set(new_key, "new", NULL, NULL));

    WAIT_UNTIL(comes_to(auth, token, TOKEN_KEY_UNKNOWN));
    auth_destroy(auth);
    free(token);
}

static void a_key_replaced_under_its_kid_no_longer_verifies(void **state)
{
    (void)state;
    write_keys(key_set(old_key, "same", NULL, NULL));
    struct auth *auth = auth_of("jwksFile", path, 1);
    char *old_token = keys_good_token(old_key, ISSUER, "same");
    char *new_token = keys_good_token(new_key, ISSUER, "same");
    assert_int_equal(keys_verify(auth, old_token, KEYS_NOW), TOKEN_OK);

    write_keys(key_set(new_key, "same", NULL, NULL));

    WAIT_UNTIL(comes_to(auth, old_token, TOKEN_SIGNATURE));
    assert_int_equal(keys_verify(auth, new_token, KEYS_NOW), TOKEN_OK);
    auth_destroy(auth);
    free(old_token);
    free(new_token);
}

static void a_file_spoilt_later_leaves_the_keys_in_use(void **state)
{
    (void)state;
    write_keys(key_set(old_key, "old", NULL, NULL));
    struct auth *auth = auth_of("jwksFile", path, 1);
    char *token = keys_good_token(old_key, ISSUER, "old");
    char *unknown = keys_good_token(new_key, ISSUER, "new");

    write_keys(strdup("{\"keys\": ["));

    assert_int_equal(keys_verify(auth, unknown, KEYS_NOW), TOKEN_KEY_UNKNOWN);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);
    assert_true(auth_ready(auth));
    auth_destroy(auth);
    free(token);
    free(unknown);
}

static void an_issuer_that_empties_its_set_revokes_every_key(void **state)
{
    (void)state;
    write_keys(key_set(old_key, "old", NULL, NULL));
    struct auth *auth = auth_of("jwksFile", path, 1);
    char *token = keys_good_token(old_key, ISSUER, "old");
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);

    write_keys(strdup("{\"keys\": []}"));

    WAIT_UNTIL(comes_to(auth, token, TOKEN_KEY_UNKNOWN));
    assert_false(auth_ready(auth));
    auth_destroy(auth);
    free(token);
}

static void a_url_gives_the_keys_and_the_new_ones(void **state)
{
    (void)state;
    serve(200, key_set(old_key, "old", NULL, NULL));
    struct auth *auth = auth_of("jwksUrl", server.url, NEVER_S);
    char *old_token = keys_good_token(old_key, ISSUER, "old");
    char *new_token = keys_good_token(new_key, ISSUER, "new");
    WAIT_UNTIL(auth_ready(auth));
    assert_int_equal(keys_verify(auth, old_token, KEYS_NOW), TOKEN_OK);

    serve(200, key_set(old_key, "old", new_key, "new"));

    assert_int_equal(verify_by_newest(auth, new_token), TOKEN_OK);
    auth_destroy(auth);
    free(old_token);
    free(new_token);
}

static void a_token_that_comes_before_the_keys_waits_for_them(void **state)
{
    (void)state;
    serve(200, key_set(old_key, "old", NULL, NULL));
    atomic_store(&server.delay_ms, 200);
    struct auth *auth = auth_of("jwksUrl", server.url, NEVER_S);
    char *token = keys_good_token(old_key, ISSUER, "old");
    atomic_store(&server.chunked, true);

    enum token_failure failure = verify_by_newest(auth, token);

    assert_int_equal(failure, TOKEN_OK);
    atomic_store(&server.chunked, false);
    atomic_store(&server.delay_ms, 0);
    auth_destroy(auth);
    free(token);
}

/* Answers that give no keys: the verifier is made, says that it is not ready, and refuses the token. */
static void expect_no_keys(const char *url)
{
    struct auth *auth = auth_of("jwksUrl", url, NEVER_S);
    char *token = keys_good_token(old_key, ISSUER, "old");

    enum token_failure failure = keys_verify(auth, token, KEYS_NOW);

    assert_int_equal(failure, TOKEN_KEY_UNKNOWN);
    assert_false(auth_ready(auth));
    auth_destroy(auth);
    free(token);
}

static void an_unreachable_url_is_no_error_but_not_ready(void **state)
{
    (void)state;
    expect_no_keys("http://127.0.0.1:1/jwks");
    expect_no_keys("https://127.0.0.1:1/jwks");
}

static void answers_other_than_a_key_set_are_not_taken(void **state)
{
    (void)state;
    serve(500, key_set(old_key, "old", NULL, NULL));
    expect_no_keys(server.url);
    serve(302, key_set(old_key, "old", NULL, NULL));
    expect_no_keys(server.url);
    serve(200, strdup("<html>"));
    expect_no_keys(server.url);
    serve(200, strdup("{\"keys\": 1}"));
    expect_no_keys(server.url);
}

static void an_oversized_set_is_not_taken(void **state)
{
    (void)state;
    char *keys = key_set(old_key, "old", NULL, NULL);
    char *large = malloc(256 * 1024 + strlen(keys) + 1);
    memset(large, ' ', 256 * 1024);
    strcpy(large + 256 * 1024, keys);
    free(keys);
    serve(200, large);

    expect_no_keys(server.url);
    atomic_store(&server.chunked, true);
    expect_no_keys(server.url);
    atomic_store(&server.chunked, false);
}

/* A certificate that nobody but the server itself vouches for, and its key, in PEM. */
static void self_signed(char **certificate_pem, char **key_pem)
{
    char *data;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    long length = BIO_get_mem_data(bio, &data);
    *certificate_pem = strndup(data, (size_t)length);
    *key_pem = keys_pem(key, 1);
    BIO_free(bio);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static atomic_int connections;

static void count_connection(void *context, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code)
{
    (void)context, (void)connection, (void)state;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        atomic_fetch_add(&connections, 1);
}

static void a_certificate_that_nobody_vouches_for_is_not_taken(void **state)
{
    (void)state;
    char *certificate, *key, url[64];
    self_signed(&certificate, &key);
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, answer, NULL,
                         MHD_OPTION_SOCK_ADDR, &loopback, MHD_OPTION_NOTIFY_CONNECTION, count_connection, NULL,
                         MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_HTTPS_MEM_CERT, certificate, MHD_OPTION_END);
    assert_non_null(daemon);
    snprintf(url, sizeof(url), "https://localhost:%u/jwks",
             (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    serve(200, key_set(old_key, "old", NULL, NULL));
    int before = atomic_load(&server.requests);
    struct auth *auth = auth_of("jwksUrl", url, NEVER_S);
    WAIT_UNTIL(atomic_load(&connections) > 0);

    expect_no_keys(url);

    assert_false(auth_ready(auth));
    assert_int_equal(atomic_load(&server.requests), before);
    auth_destroy(auth);
    MHD_stop_daemon(daemon);
    free(certificate);
    free(key);
}

/* The tests that follow are about what happens at once although the issuer is silent. On a machine that stands still
 * meanwhile nothing happens at once; therefore each looks until it has seen it. What waits for the issuer never is
 * done in less than the time of waiting for it, since it is let speak only afterwards. */

struct attempt {
    struct auth *auth;
    pthread_t thread;
    enum token_failure failure;
    int64_t took_us;
    atomic_int *done;
};

static void *verify_new(void *context)
{
    struct attempt *attempt = context;
    char *token = keys_good_token(new_key, ISSUER, "new");
    int64_t start = clock_monotonic_us();
    attempt->failure = keys_verify(attempt->auth, token, KEYS_NOW);
    attempt->took_us = clock_monotonic_us() - start;
    atomic_fetch_add(attempt->done, 1);
    free(token);
    return NULL;
}

static struct auth *auth_with_old_key(void)
{
    serve(200, key_set(old_key, "old", NULL, NULL));
    struct auth *auth = auth_of("jwksUrl", server.url, NEVER_S);
    WAIT_UNTIL(auth_ready(auth));
    gate_close(&server.gate);
    return auth;
}

static void end_silence(struct auth *auth)
{
    gate_open(&server.gate);
    WAIT_UNTIL(gate_held(&server.gate) == 0);
    auth_destroy(auth);
}

static bool known_key_verifies_at_once(const char *known)
{
    atomic_int done = 0;
    struct auth *auth = auth_with_old_key();
    struct attempt unknown = {.auth = auth, .done = &done};
    pthread_create(&unknown.thread, NULL, verify_new, &unknown);
    WAIT_UNTIL(gate_held(&server.gate) == 1);

    int64_t start = clock_monotonic_us();
    assert_int_equal(keys_verify(auth, known, KEYS_NOW), TOKEN_OK);
    int64_t took = clock_monotonic_us() - start;

    pthread_join(unknown.thread, NULL);
    end_silence(auth);
    return took < WAIT_US;
}

static void a_slow_issuer_holds_up_nobody_with_a_known_key(void **state)
{
    (void)state;
    char *known = keys_good_token(old_key, ISSUER, "old");
    WAIT_UNTIL(known_key_verifies_at_once(known));
    free(known);
}

/* Ten ask for a new key: how many were sent away at once, and how many were given what they waited for. */
static bool four_wait_and_six_do_not(void)
{
    enum { ALL = 10, SENT_AWAY = ALL - KEY_SOURCE_MAX_WAITERS };
    atomic_int done = 0;
    struct attempt attempts[ALL];
    unsigned sent_away = 0, served = 0;
    struct auth *auth = auth_with_old_key();
    serve(200, key_set(old_key, "old", new_key, "new"));
    for (size_t i = 0; i < ALL; i++) {
        attempts[i] = (struct attempt){.auth = auth, .done = &done};
        pthread_create(&attempts[i].thread, NULL, verify_new, &attempts[i]);
    }
    WAIT_UNTIL(atomic_load(&done) >= SENT_AWAY);
    gate_open(&server.gate);
    for (size_t i = 0; i < ALL; i++) {
        pthread_join(attempts[i].thread, NULL);
        served += attempts[i].failure == TOKEN_OK;
        sent_away += attempts[i].failure == TOKEN_KEY_UNKNOWN && attempts[i].took_us < WAIT_US;
    }
    end_silence(auth);
    return sent_away == SENT_AWAY && served == KEY_SOURCE_MAX_WAITERS;
}

static void a_slow_issuer_takes_few_threads_along(void **state)
{
    (void)state;
    WAIT_UNTIL(four_wait_and_six_do_not());
}

static bool stops_at_once(void)
{
    gate_close(&server.gate);
    struct auth *auth = auth_of("jwksUrl", server.url, NEVER_S);
    WAIT_UNTIL(gate_held(&server.gate) == 1);

    int64_t start = clock_monotonic_us();
    auth_destroy(auth);
    int64_t took = clock_monotonic_us() - start;

    gate_open(&server.gate);
    WAIT_UNTIL(gate_held(&server.gate) == 0);
    return took < WAIT_US;
}

static void stopping_does_not_wait_for_a_slow_issuer(void **state)
{
    (void)state;
    serve(200, key_set(old_key, "old", NULL, NULL));
    WAIT_UNTIL(stops_at_once());
}

static int set_up(void **state)
{
    (void)state;
    old_key = EVP_RSA_gen(2048);
    new_key = EVP_RSA_gen(2048);
    close(mkstemp(path));
    server.body = strdup("");
    server.daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, answer, NULL,
        MHD_OPTION_SOCK_ADDR, &(struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
        MHD_OPTION_END);
    if (!server.daemon)
        return -1;
    snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%u/jwks",
             (unsigned)MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    MHD_stop_daemon(server.daemon);
    free(server.body);
    unlink(path);
    EVP_PKEY_free(old_key);
    EVP_PKEY_free(new_key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_key_in_the_file_is_found_at_once),
        cmocka_unit_test(unknown_kids_load_the_keys_once_in_an_interval),
        cmocka_unit_test(a_key_that_disappeared_takes_its_cached_tokens_along),
        cmocka_unit_test(a_key_replaced_under_its_kid_no_longer_verifies),
        cmocka_unit_test(a_file_spoilt_later_leaves_the_keys_in_use),
        cmocka_unit_test(an_issuer_that_empties_its_set_revokes_every_key),
        cmocka_unit_test(a_url_gives_the_keys_and_the_new_ones),
        cmocka_unit_test(a_token_that_comes_before_the_keys_waits_for_them),
        cmocka_unit_test(an_unreachable_url_is_no_error_but_not_ready),
        cmocka_unit_test(answers_other_than_a_key_set_are_not_taken),
        cmocka_unit_test(an_oversized_set_is_not_taken),
        cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_not_taken),
        cmocka_unit_test(a_slow_issuer_holds_up_nobody_with_a_known_key),
        cmocka_unit_test(a_slow_issuer_takes_few_threads_along),
        cmocka_unit_test(stopping_does_not_wait_for_a_slow_issuer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
