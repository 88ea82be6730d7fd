#include "search/codes.h"

#include <string.h>
#include "base/hash.h"

static int find(const struct codes *c, const uint8_t *code, uint64_t hash)
{
	uint64_t probe = hash;

	for (int k; (k = nn_index_next(&c->index, hash, &probe)) >= 0; )
		if (!memcmp(c->code[k], code, (size_t)c->decisions))
			return k;
	return -1;
}

int codes_find(const struct codes *c, const uint8_t *code)
{
	return find(c, code, hash64(code, (size_t)c->decisions));
}

int codes_number(struct codes *c, struct arena *mem, const uint8_t *code)
{
	uint64_t hash = hash64(code, (size_t)c->decisions);
	int known = find(c, code, hash);

	if (known >= 0)
		return known;
	nn_index_put(&c->index, mem, hash, c->count);
	ARENA_GROW(mem, c->code, c->count, c->room, 64);
	c->code[c->count] = code;
	return c->count++;
}
