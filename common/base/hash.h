/* Digests: XXH3 of libxxhash.  Not cryptographic: they find damage and change, not forgery. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct digest { uint8_t byte[16]; };           /* XXH3-128, canonical (big-endian) order */

struct digest hash128(const void *data, size_t size);
uint64_t hash64(const void *data, size_t size);
uint64_t hash64_text(const char *text);

struct hasher;                                 /* streaming XXH3-128 */
struct hasher *hasher_new(void);
void hasher_add(struct hasher *h, const void *data, size_t size);
struct digest hasher_end(struct hasher *h);    /* also frees it */

/* Of the bytes of a file: ERR_NOINPUT or ERR_IO naming it. */
int hash_file(const char *path, struct digest *d);

/* 32 lower-case hexadecimal digits and a terminating zero. */
#define DIGEST_TEXT 33
void digest_print(const struct digest *d, char text[DIGEST_TEXT]);
int digest_parse(const char *text, struct digest *d);   /* 0 or ERR_DATA */
int digest_equal(const struct digest *a, const struct digest *b);

#endif
