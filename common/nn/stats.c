/* Batch-norm statistics outside batches: sums over calibration batches, then their means. */
#include <string.h>
#include "base/err.h"
#include "base/hash.h"
#include "nn/net.h"

struct nn_stats *nn_stats_new(struct arena *mem)
{
	struct nn_stats *s = ARENA_NEW(mem, struct nn_stats, 1);
	s->mem = mem;
	return s;
}

struct nn_stat *nn_stats_find(const struct nn_stats *s, const char *name)
{
	uint64_t hash = hash64_text(name), probe = hash;
	for (int k; (k = nn_index_next(&s->names, hash, &probe)) >= 0; )
		if (!strcmp(s->stat[k].name, name))
			return &s->stat[k];
	return NULL;
}

struct nn_stat *nn_stats_add(struct nn_stats *s, const char *name, int64_t c)
{
	struct nn_stat *have = nn_stats_find(s, name);
	if (have) {
		if (have->c == c)
			return have;
		err_set(ERR_DATA, "%s: statistics of %ld channels, expected %ld", name, (long)have->c, (long)c);
		return NULL;
	}
	ARENA_GROW(s->mem, s->stat, s->count, s->capacity, 64);
	nn_index_put(&s->names, s->mem, hash64_text(name), s->count);
	s->stat[s->count] = (struct nn_stat){
		.name = arena_strdup(s->mem, name), .c = c,
		.mean = ARENA_NEW(s->mem, double, c), .var = ARENA_NEW(s->mem, double, c),
	};
	return &s->stat[s->count++];
}

void nn_stats_finish(struct nn_stats *s)
{
	for (int i = 0; i < s->count; i++) {
		struct nn_stat *t = &s->stat[i];
		if (t->batches < 2)
			continue;
		for (int64_t k = 0; k < t->c; k++) {
			t->mean[k] /= (double)t->batches;
			t->var[k] /= (double)t->batches;
		}
		t->batches = 1;
	}
}
