/* TLS: what is spoken and what is not. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http_fixture.h"

static char certificate_file[] = "/tmp/samsyn-certificate-XXXXXX", key_file[] = "/tmp/samsyn-key-XXXXXX";
static struct http *http;

static void handle(void *context, struct request *request, struct reply *reply)
{
    (void)context;
    *reply = (struct reply){.status = 200, .type = "text/plain", .body = request_base_url(request)};
    reply->length = strlen(reply->body);
}

/* A self-signed certificate for localhost, valid for an hour. */
static void make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    FILE *out = fdopen(mkstemp(certificate_file), "w");
    PEM_write_X509(out, certificate);
    fclose(out);
    out = fdopen(mkstemp(key_file), "w");
    PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
    fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int start(void **state)
{
    (void)state;
    make_certificate();
    struct http_options options = usual_options();
    options.tls_certificate_file = certificate_file;
    options.tls_key_file = key_file;
    http = start_server(&options, handle, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    unlink(certificate_file);
    unlink(key_file);
    return http_stop(http) ? 0 : 1;
}

/* Asks with TLS of no other version; returns the reply in `reply`, false when there was no handshake. */
static bool ask_with(int version, char *reply, size_t size)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    int fd = dial(http_port(http)), got = 0;
    SSL *tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    bool spoken = SSL_connect(tls) == 1;
    reply[0] = '\0';
    if (spoken) {
        static const char request[] = "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
        SSL_write(tls, request, sizeof(request) - 1);
        for (int part; (part = SSL_read(tls, reply + got, (int)size - 1 - got)) > 0;)
            got += part;
        reply[got] = '\0';
    }
    SSL_free(tls);
    SSL_CTX_free(context);
    close(fd);
    return spoken;
}

static void tls_12_and_13_are_spoken(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        char reply[4096];
        assert_true(ask_with(versions[i], reply, sizeof(reply)));
        assert_contains(reply, "HTTP/1.1 200");
        assert_contains(reply, "Strict-Transport-Security: max-age=");
        assert_contains(reply, "https://localhost");
    }
}

static void older_versions_are_not(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
    char reply[4096];
    for (size_t i = 0; i < 2; i++)
        assert_false(ask_with(versions[i], reply, sizeof(reply)));
}

static void plain_http_is_not(void **state)
{
    (void)state;
    int fd = dial(http_port(http));
    send_text(fd, "GET / HTTP/1.1\r\n" HOST "\r\n");
    struct answer answer = read_answer(fd, "GET");
    assert_int_equal(answer.status, 0);
    answer_free(&answer);
    close(fd);
}

static void half_a_configuration_is_refused(void **state)
{
    (void)state;
    char *why = NULL;
    struct http_options options = usual_options();
    options.tls_certificate_file = certificate_file;
    assert_null(http_start(&options, handle, NULL, &why));
    assert_contains(why, "belong together");
    free(why);
    options.tls_key_file = "/nonexistent";
    assert_null(http_start(&options, handle, NULL, &why));
    assert_contains(why, "/nonexistent");
    free(why);
    options.tls_key_file = certificate_file; /* not a key */
    assert_null(http_start(&options, handle, NULL, &why));
    assert_contains(why, "certificate and key");
    free(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_12_and_13_are_spoken),
        cmocka_unit_test(older_versions_are_not),
        cmocka_unit_test(plain_http_is_not),
        cmocka_unit_test(half_a_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
