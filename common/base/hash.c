/* Digests; see hash.h. */
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/die.h"
#include "base/err.h"

struct hasher { XXH3_state_t *state; };

static struct digest canonical(XXH128_hash_t h)
{
	XXH128_canonical_t c;
	struct digest d;

	XXH128_canonicalFromHash(&c, h);
	memcpy(d.byte, c.digest, sizeof d.byte);
	return d;
}

struct digest hash128(const void *data, size_t size)
{
	return canonical(XXH3_128bits(data, size));
}

uint64_t hash64(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}

uint64_t hash64_text(const char *text)
{
	return XXH3_64bits(text, strlen(text));
}

struct hasher *hasher_new(void)
{
	struct hasher *h = malloc(sizeof *h);

	if (!h || !(h->state = XXH3_createState()) || XXH3_128bits_reset(h->state) != XXH_OK)
		die(-ERR_INTERNAL, "out of memory for a hash");
	return h;
}

void hasher_add(struct hasher *h, const void *data, size_t size)
{
	if (size)
		XXH3_128bits_update(h->state, data, size);
}

struct digest hasher_end(struct hasher *h)
{
	struct digest d = canonical(XXH3_128bits_digest(h->state));

	XXH3_freeState(h->state);
	free(h);
	return d;
}

void digest_print(const struct digest *d, char text[DIGEST_TEXT])
{
	static const char digit[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 16; i++) {
		text[2 * i] = digit[d->byte[i] >> 4];
		text[2 * i + 1] = digit[d->byte[i] & 15];
	}
	text[32] = '\0';
}

static int digit_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int digest_parse(const char *text, struct digest *d)
{
	int i;

	if (strlen(text) != 32)
		return err_set(ERR_DATA, "\"%.40s\" is no digest: expected 32 hexadecimal digits", text);
	for (i = 0; i < 32; i++)
		if (digit_value(text[i]) < 0)
			return err_set(ERR_DATA, "\"%s\" is no digest: expected 32 hexadecimal digits", text);
	for (i = 0; i < 16; i++)
		d->byte[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
	return 0;
}

int digest_equal(const struct digest *a, const struct digest *b)
{
	return !memcmp(a->byte, b->byte, sizeof a->byte);
}

int hash_file(const char *path, struct digest *d)
{
	unsigned char buffer[65536];
	FILE *f = fopen(path, "rb");
	struct hasher *h;
	size_t n;
	int code = 0;

	if (!f)
		return err_system(ERR_NOINPUT, path, "read it");
	h = hasher_new();
	while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
		hasher_add(h, buffer, n);
	if (ferror(f))
		code = err_system(ERR_IO, path, "read it");
	fclose(f);
	*d = hasher_end(h);
	return code;
}
