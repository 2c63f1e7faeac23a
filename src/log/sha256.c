#include "log/sha256.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

/* The algorithm is looked up once, which costs more than a hash, and each thread keeps one context of it, whose
 * creation does too. */
static EVP_MD *algorithm;
static pthread_key_t contexts; /* only frees a thread's context at its end */
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static _Thread_local EVP_MD_CTX *context;

static void free_context(void *thing)
{
    EVP_MD_CTX_free(thing);
}

static void prepare(void)
{
    algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!algorithm || pthread_key_create(&contexts, free_context) != 0)
        abort();
}

static void create_context(void)
{
    pthread_once(&prepared, prepare);
    context = EVP_MD_CTX_new();
    if (!context || EVP_DigestInit_ex2(context, algorithm, NULL) != 1 || pthread_setspecific(contexts, context) != 0)
        abort();
}

void sha256(const struct sha256_piece *pieces, size_t count, unsigned char out[SHA256_SIZE])
{
    if (!context)
        create_context();
    int done = EVP_DigestInit_ex2(context, NULL, NULL); /* the same algorithm again */
    for (size_t i = 0; i < count; i++)
        done &= EVP_DigestUpdate(context, pieces[i].bytes, pieces[i].length);
    done &= EVP_DigestFinal_ex(context, out, NULL);
    if (done != 1)
        abort();
}
