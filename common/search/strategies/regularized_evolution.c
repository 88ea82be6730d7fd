/* Regularized evolution (Real, Aggarwal, Huang and Le 2019, algorithm 1).
 *
 * The population is the newest trials that are done; old ones leave whatever their score.  A tournament
 * draws some of it with replacement, the best of them is the parent, and the child differs from it in one
 * decision; while the child is not acceptable, another decision is changed as well.  Until the population is
 * full, codes are drawn uniformly.  A batch is bred from one population. */
#include "search/strategy.h"

#include <math.h>
#include <string.h>

/* The newest observations that are done, oldest first, at most n of them. */
static int64_t population(const struct ask *a, int64_t n, struct observation **p)
{
	struct observation *o;
	int64_t seen = history_observations(a->history, a->space, !strcmp(a->settings->repeat, "allow"), a->mem, &o), done = 0;

	for (int64_t i = 0; i < seen; i++)
		if (isfinite(o[i].value))
			o[done++] = o[i];
	*p = o + (done > n ? done - n : 0);
	return done > n ? n : done;
}

/* Changes one decision that has more than one choice on to another choice. */
static void mutate(const struct space *s, struct rng *r, uint8_t *code)
{
	int d, tries = 0;
	uint8_t old;

	do
		d = (int)rng_below(r, (uint32_t)s->decisions);
	while (space_on(s, d) < 2 && tries++ < 1000);
	old = code[d];
	for (tries = 0; code[d] == old && tries < 1000; tries++)
		code[d] = space_nth_on(s, d, rng_below(r, (uint32_t)space_on(s, d)));
}

static int evolution_propose(const struct ask *a, int64_t id, struct rng *r, uint8_t *code)
{
	const struct evolution_settings *set = &a->settings->evolution;
	const struct space *s = a->space;
	struct observation *p, *parent = NULL;
	int64_t n = population(a, set->population, &p);
	int found;

	(void)id;
	if (n < set->population)
		return ask_uniform_new(a, r, code);
	for (int64_t i = 0; i < set->tournament; i++) {
		struct observation *rival = &p[rng_below(r, (uint32_t)n)];

		if (!parent || observation_by_value(rival, parent) < 0)
			parent = rival;
	}
	memcpy(code, parent->trial->code, (size_t)s->decisions);
	mutate(s, r, code);
	s->type->canonical(s, code, code);
	found = ask_accepts(a, code);
	if (!found)
		found = ask_mutate(a, r, code);
	if (!found)
		return ask_uniform_new(a, r, code);
	return found < 0 ? found : 0;
}

const struct strategy strategy_regularized_evolution = {
	.name = "regularized-evolution", .summary = "ageing population, tournament, one mutation",
	.propose = evolution_propose,
};
