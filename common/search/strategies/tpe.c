/* Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl 2011, section 4), multivariate and
 * categorical: observations are split into good and bad, a density is put over each, and of some draws from
 * the good one the code with the largest ratio good / bad is proposed.  Pending and failed trials are bad. */
#include "search/strategy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "search/parzen.h"

#define REDRAWS 20                   /* further sets of draws when none of one set is new */
#define MUTATIONS 1000

struct model { struct parzen good, bad; };

static int by_id(const void *a, const void *b)
{
	const struct observation *p = a, *q = b;

	return (p->trial->id > q->trial->id) - (p->trial->id < q->trial->id);
}

/* Density over observations (sorted by age here) and the trials of this call that are pending. */
static void density(const struct ask *a, struct observation *o, int64_t n, const struct history *pending, struct parzen *p)
{
	int64_t more = pending ? pending->count : 0;
	const uint8_t **code = ARENA_NEW(a->mem, const uint8_t *, n + more);
	double *weight = ARENA_NEW(a->mem, double, n + more);

	if (n)
		qsort(o, (size_t)n, sizeof *o, by_id);
	for (int64_t i = 0; i < n; i++)
		code[i] = o[i].trial->code;
	for (int64_t i = 0; i < more; i++)
		code[n + i] = pending->trial[i].code;
	parzen_age(n + more, weight);
	parzen_init(p, a->space, n + more, code, weight, a->settings->prior_weight, a->mem);
}

int64_t tpe_good(const struct strategy_settings *set, int64_t done)
{
	/* the small amount keeps a product such as 0.1 * 30 from counting as more than 3 */
	int64_t good = (int64_t)ceil(set->good_share * (double)done - 1e-9);

	return good > set->good_max ? set->good_max : good < 1 ? 1 : good;
}

/* 1 while there are too few observations for a model. */
static int build(const struct ask *a, struct model *m)
{
	const struct strategy_settings *set = a->settings;
	struct observation *o;
	int64_t n = history_observations(a->history, a->space, a->mem, &o), done = 0, good;

	for (int64_t i = 0; i < n; i++)
		done += isfinite(o[i].value);
	if (done < set->startup || !done)
		return 1;
	qsort(o, (size_t)n, sizeof *o, observation_by_value);
	good = tpe_good(set, done);
	density(a, o, good, NULL, &m->good);
	density(a, o + good, n - good, a->proposed, &m->bad);
	return 0;
}

/* One set of draws: the acceptable one with the largest ratio into code (1), or none (0: code is the last draw). */
static int draw_set(const struct ask *a, const struct model *m, struct rng *r, uint8_t *code)
{
	const struct space *s = a->space;
	uint8_t x[SPACE_MAX_DECISIONS];
	double best = -INFINITY;
	int found = 0;

	for (int64_t i = 0; i < a->settings->candidates; i++) {
		double ratio;
		int accepted;

		parzen_draw(&m->good, r, x);
		s->type->canonical(s, x, x);
		accepted = ask_accepts(a, x);
		if (accepted < 0)
			return accepted;
		if (!accepted) {
			if (!found)
				memcpy(code, x, (size_t)s->decisions);
			continue;
		}
		ratio = parzen_log(&m->good, x, a->mem) - parzen_log(&m->bad, x, a->mem);
		if (!found || ratio > best) {
			best = ratio;
			memcpy(code, x, (size_t)s->decisions);
		}
		found = 1;
	}
	return found;
}

/* Changes one random gene at a time until the code is acceptable: 1, or 0 when that takes too long. */
static int mutate(const struct ask *a, struct rng *r, uint8_t *code)
{
	const struct space *s = a->space;

	for (int i = 0; i < MUTATIONS; i++) {
		int d = (int)rng_below(r, (uint32_t)s->decisions), accepted;

		code[d] = space_nth_on(s, d, rng_below(r, (uint32_t)space_on(s, d)));
		s->type->canonical(s, code, code);
		accepted = ask_accepts(a, code);
		if (accepted)
			return accepted;
	}
	return 0;
}

static int search(const struct ask *a, struct rng *r, uint8_t *code)
{
	struct model m;
	int found = 0;

	if (build(a, &m))
		return ask_uniform_new(a, r, code);
	for (int i = 0; i <= REDRAWS && !found; i++)
		found = draw_set(a, &m, r, code);
	if (!found)
		found = mutate(a, r, code);
	if (!found)
		return ask_uniform_new(a, r, code);
	return found < 0 ? found : 0;
}

static int tpe_propose(const struct ask *a, int64_t id, uint8_t *code)
{
	struct arena_mark mark = arena_mark(a->mem);
	struct rng r = rng_stream(a->settings->seed, "propose", (uint32_t)id, 0, 0);
	int status = search(a, &r, code);

	arena_rewind(a->mem, mark);
	return status;
}

const struct strategy strategy_tpe = {
	.name = "tpe", .summary = "multivariate tree-structured Parzen estimator", .propose = tpe_propose,
};
