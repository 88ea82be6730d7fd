/* Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl 2011, section 4) for categorical
 * decisions: observations are split into good and bad, a density is put over each, and of some draws from
 * the good one the code with the largest ratio good / bad is proposed, the first of equals.  Failed trials
 * are bad, pending ones too unless the liar ignores them.  In mode independent every decision has its own
 * pair of densities, draws and winner; without draws the winner is the best choice itself. */
#include "search/strategy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "search/parzen.h"

#define REDRAWS 20                   /* further sets of draws when none of one set is acceptable */

struct model {
	struct parzen good, bad;
	struct parzen_table *l, *g;          /* mode independent */
	struct parzen_table prior;
};

static int by_id(const void *a, const void *b)
{
	const struct observation *p = a, *q = b;

	return (p->trial->id > q->trial->id) - (p->trial->id < q->trial->id);
}

/* Watanabe 2023, section 3: a good trial weighs what it improves on the best bad one; mean 1. */
static void weigh_improvement(const struct observation *o, int64_t n, double best_bad, double *weight)
{
	double sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += weight[i] = best_bad - o[i].value;
	for (int64_t i = 0; i < n; i++)
		weight[i] = sum > 0 ? fmax(weight[i], 1e-12 * sum) * (double)n / sum : 1;
}

/* Density over observations (sorted by age here) and the trials of this call that are pending.
 * best_bad: value of the best bad observation when these are the good ones, else NaN. */
static void density(const struct ask *a, struct observation *o, int64_t n, const struct history *pending,
                    double best_bad, const struct parzen_table *q, struct parzen *p)
{
	const struct tpe_settings *set = &a->settings->tpe;
	int64_t more = pending ? pending->count : 0;
	const uint8_t **code = ARENA_NEW(a->mem, const uint8_t *, n + more);
	double *weight = ARENA_NEW(a->mem, double, n + more);

	if (n)
		qsort(o, (size_t)n, sizeof *o, by_id);
	for (int64_t i = 0; i < n; i++)
		code[i] = o[i].trial->code;
	for (int64_t i = 0; i < more; i++)
		code[n + i] = pending->trial[i].code;
	for (int64_t i = 0; i < n + more; i++)
		weight[i] = 1;
	if (!strcmp(set->weights, "age"))
		parzen_age(n + more, weight);
	else if (!strcmp(set->weights, "ei") && isfinite(best_bad))
		weigh_improvement(o, n, best_bad, weight);
	parzen_init(p, a->space, n + more, code, weight, set->prior_weight, q, a->mem);
}

int64_t tpe_good(const struct tpe_settings *set, int64_t done)
{
	double size = strcmp(set->split, "sqrt") ? (double)done : sqrt((double)done);
	/* the small amount keeps a product such as 0.1 * 30 from counting as more than 3 */
	int64_t good = (int64_t)ceil(set->good_share * size - 1e-9);

	return good > set->good_max ? set->good_max : good < 1 ? 1 : good;
}

static int check(const struct ask *a)
{
	const struct tpe_settings *set = &a->settings->tpe;
	bool independent = !strcmp(set->mode, "independent");

	if (!independent && !strcmp(set->kernel, "hyperopt"))
		return err_set(ERR_USAGE, "tpe: kernel hyperopt counts within one decision; it needs mode independent");
	if (!independent && !set->candidates)
		return err_set(ERR_USAGE, "tpe: without draws (candidates 0) the best choice of each decision is taken; "
		               "that needs mode independent");
	return 0;
}

/* Observations that the liar lets through: pending ones of the history are left out when it ignores them. */
static int64_t observed(const struct ask *a, struct observation **o)
{
	int64_t n = history_observations(a->history, a->space, !strcmp(a->settings->repeat, "allow"), a->mem, o), kept = 0;
	bool ignore = !strcmp(a->settings->tpe.liar, "ignore");

	for (int64_t i = 0; i < n; i++)
		if (!ignore || (*o)[i].trial->status != TRIAL_PENDING)
			(*o)[kept++] = (*o)[i];
	return kept;
}

static void tables(const struct ask *a, struct model *m)
{
	void (*table)(const struct parzen *p, struct parzen_table *t) =
		strcmp(a->settings->tpe.kernel, "hyperopt") ? parzen_marginals : parzen_counts;

	m->l = ARENA_NEW(a->mem, struct parzen_table, 1);
	m->g = ARENA_NEW(a->mem, struct parzen_table, 1);
	table(&m->good, m->l);
	table(&m->bad, m->g);
}

/* 0: a model; 1: too few observations for one; or an error.  With a prior over choices, too few
 * observations make a model without observations: that prior. */
static int build(const struct ask *a, struct model *m)
{
	const struct tpe_settings *set = &a->settings->tpe;
	const struct parzen_table *q = NULL;
	struct observation *o;
	int64_t n = observed(a, &o), done = 0, good;
	double best_bad;

	TRY(check(a));
	if (*set->choice_prior) {
		TRY(parzen_prior(&m->prior, a->space, set->choice_prior));
		q = &m->prior;
	}
	for (int64_t i = 0; i < n; i++)
		done += isfinite(o[i].value);
	if (done < set->startup || !done) {
		if (!q)
			return 1;
		density(a, o, 0, NULL, NAN, q, &m->good);
		m->bad = m->good;
		return 0;
	}
	qsort(o, (size_t)n, sizeof *o, observation_by_value);
	good = tpe_good(set, done);
	best_bad = good < n ? o[good].value : NAN;
	density(a, o, good, NULL, best_bad, q, &m->good);
	density(a, o + good, n - good, strcmp(set->liar, "bad") ? NULL : a->proposed, NAN, q, &m->bad);
	if (!strcmp(set->mode, "independent"))
		tables(a, m);
	return 0;
}

/* The winner of decision d: of the draws from l, or of all choices when there are none. */
static uint8_t winner(const struct ask *a, const struct model *m, int d, struct rng *r)
{
	int64_t draws = a->settings->tpe.candidates, tries = draws ? draws : a->space->decision[d].choices;
	double best = -INFINITY;
	uint8_t won = 0;

	for (int64_t i = 0; i < tries; i++) {
		uint8_t c = draws ? parzen_table_draw(m->l, a->space, d, r) : (uint8_t)i;
		double ratio;

		if (!a->space->mask[d][c])
			continue;
		ratio = log(m->l->p[d][c]) - log(m->g->p[d][c]);
		if (ratio > best) {
			best = ratio;
			won = c;
		}
	}
	return won;
}

/* The code of all winners: 1 when it is acceptable. */
static int assemble(const struct ask *a, const struct model *m, struct rng *r, uint8_t *code)
{
	for (int d = 0; d < a->space->decisions; d++)
		code[d] = winner(a, m, d, r);
	a->space->type->canonical(a->space, code, code);
	return ask_accepts(a, code);
}

/* One set of draws: the acceptable one with the largest ratio into code (1), or none (0: code is the first draw). */
static int draw_set(const struct ask *a, const struct model *m, struct rng *r, uint8_t *code)
{
	const struct space *s = a->space;
	int64_t draws = a->settings->tpe.candidates ? a->settings->tpe.candidates : 1;
	uint8_t x[SPACE_MAX_DECISIONS];
	double best = -INFINITY;
	int found = 0;

	for (int64_t i = 0; i < draws; i++) {
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

static int tpe_propose(const struct ask *a, int64_t id, struct rng *r, uint8_t *code)
{
	struct model m = { 0 };
	int found = 0, status = build(a, &m);

	(void)id;
	if (status)
		return status < 0 ? status : ask_uniform_new(a, r, code);
	for (int i = 0; i <= REDRAWS && !found; i++)
		found = m.l ? assemble(a, &m, r, code) : draw_set(a, &m, r, code);
	if (!found)
		found = ask_mutate(a, r, code);
	if (!found)
		return ask_uniform_new(a, r, code);
	return found < 0 ? found : 0;
}

const struct strategy strategy_tpe = {
	.name = "tpe", .summary = "tree-structured Parzen estimator", .propose = tpe_propose,
};
