/* What history means to whoever learns from it. */
#include "search/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "search/rank.h"

int32_t history_last_phase(const struct history *h)
{
	int32_t last = -1;

	for (int64_t i = 0; i < h->count; i++)
		if (h->trial[i].status == TRIAL_DONE && h->trial[i].phase > last)
			last = h->trial[i].phase;
	return last;
}

static int by_id(const void *key, const void *trial)
{
	int64_t a = *(const int64_t *)key, b = ((const struct trial *)trial)->id;

	return (a > b) - (a < b);
}

const struct trial *history_find(const struct history *h, int64_t id)
{
	return h->count ? bsearch(&id, h->trial, (size_t)h->count, sizeof *h->trial, by_id) : NULL;
}

const struct trial *history_first(const struct history *h, const uint8_t *code)
{
	for (int64_t i = 0; i < h->count; i++)
		if (!memcmp(h->trial[i].code, code, (size_t)h->decisions))
			return &h->trial[i];
	return NULL;
}

static int by_phase(const void *a, const void *b)
{
	const struct trial *p = *(const struct trial *const *)a, *q = *(const struct trial *const *)b;

	if (p->phase != q->phase)
		return p->phase < q->phase ? -1 : 1;
	return (p->id > q->id) - (p->id < q->id);
}

/* value[i] of trial i: rank of its score within its phase over the size of the phase; +inf unless done. */
static void relative_ranks(const struct history *h, struct arena *mem, double *value)
{
	const struct trial **done = ARENA_NEW(mem, const struct trial *, h->count);
	double *cost = ARENA_NEW(mem, double, h->count), *rank = ARENA_NEW(mem, double, h->count);
	int64_t n = 0;

	for (int64_t i = 0; i < h->count; i++) {
		value[i] = INFINITY;
		if (h->trial[i].status == TRIAL_DONE)
			done[n++] = &h->trial[i];
	}
	if (n)
		qsort(done, (size_t)n, sizeof *done, by_phase);
	for (int64_t first = 0, next; first < n; first = next) {
		for (next = first; next < n && done[next]->phase == done[first]->phase; next++)
			cost[next] = -done[next]->score;
		rank_average(cost + first, next - first, mem, rank + first);
		for (int64_t i = first; i < next; i++)
			value[done[i] - h->trial] = rank[i] / (double)(next - first);
	}
}

int observation_by_value(const void *a, const void *b)
{
	const struct observation *p = a, *q = b;

	if (p->value != q->value)
		return p->value < q->value ? -1 : 1;
	return (p->trial->id > q->trial->id) - (p->trial->id < q->trial->id);
}

struct keyed { const struct trial *trial; uint64_t hash; };

/* Equal codes together, the newest of them last. */
static int by_code(const void *a, const void *b)
{
	const struct keyed *p = a, *q = b;

	if (p->hash != q->hash)
		return p->hash < q->hash ? -1 : 1;
	return by_phase(&p->trial, &q->trial);
}

static bool same_code(const struct history *h, const struct keyed *a, const struct keyed *b)
{
	return a->hash == b->hash && !memcmp(a->trial->code, b->trial->code, (size_t)h->decisions);
}

/* Marks the newest trial of each architecture, or with repeats all trials of its newest phase. */
static void newest(const struct history *h, bool repeats, struct arena *mem, bool *keep)
{
	struct keyed *k = ARENA_NEW(mem, struct keyed, h->count);

	for (int64_t i = 0; i < h->count; i++)
		k[i] = (struct keyed){ &h->trial[i], hash64(h->trial[i].code, (size_t)h->decisions) };
	if (h->count)
		qsort(k, (size_t)h->count, sizeof *k, by_code);
	for (int64_t i = h->count - 1; i >= 0; i--) {
		bool last = i + 1 == h->count || !same_code(h, &k[i], &k[i + 1]);

		keep[k[i].trial - h->trial] = last || (repeats && k[i].trial->phase == k[i + 1].trial->phase &&
		                                       keep[k[i + 1].trial - h->trial]);
	}
}

int64_t history_observations(const struct history *h, const struct space *s, bool repeats, struct arena *mem,
                             struct observation **o)
{
	struct observation *out = ARENA_NEW(mem, struct observation, h->count);
	struct arena_mark mark = arena_mark(mem);
	double *value = ARENA_NEW(mem, double, h->count);
	bool *keep = ARENA_NEW(mem, bool, h->count);
	int64_t n = 0;

	relative_ranks(h, mem, value);
	newest(h, repeats, mem, keep);
	for (int64_t i = 0; i < h->count; i++)
		if (keep[i] && space_legal(s, h->trial[i].code))
			out[n++] = (struct observation){ &h->trial[i], value[i] };
	arena_rewind(mem, mark);
	*o = out;
	return n;
}
