#include "stages/rank/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_statistics_double.h>
#include "search/rank.h"

#define LEAST 5                  /* networks of a stratum that has a row of its own */

/* Points of one comparison, those of a stratum together. */
struct points { int64_t n, groups; double *x, *y; int64_t *first; };    /* first: groups + 1 */

static struct points gather(const struct networks *n, const double *x, const double *y, int64_t stratum,
                            bool grouped, struct arena *mem)
{
	struct points p = {
		.x = ARENA_NEW(mem, double, n->count), .y = ARENA_NEW(mem, double, n->count),
		.first = ARENA_NEW(mem, int64_t, n->strata + 2),
	};

	for (int64_t s = 0; s < n->strata; s++) {
		for (int64_t i = 0; i < n->count; i++) {
			if (n->stratum[i] != s || (stratum >= 0 && s != stratum) || isnan(x[i]) || isnan(y[i]))
				continue;
			p.x[p.n] = x[i];
			p.y[p.n++] = y[i];
		}
		if (grouped)
			p.first[++p.groups] = p.n;
	}
	if (!grouped)
		p.first[p.groups = 1] = p.n;
	return p;
}

static double tau_of(const struct points *p, struct arena *mem)
{
	struct kendall sum = { 0 };

	for (int64_t g = 0; g < p->groups; g++) {
		int64_t at = p->first[g], n = p->first[g + 1] - at;

		if (n > 1) {
			struct kendall k = rank_kendall_pairs(p->x + at, p->y + at, n, mem);

			sum.net += k.net;
			sum.x += k.x;
			sum.y += k.y;
		}
	}
	return rank_kendall_tau(sum);
}

static int by_value(const void *a, const void *b)
{
	double p = *(const double *)a, q = *(const double *)b;

	return (p > q) - (p < q);
}

/* Tau of samples of the networks, with replacement inside each group (Efron 1979), NaN where it is not defined.
 * Sample k of points of the same groups is of the same networks. */
static double *bootstrap(const struct points *p, const struct compare_args *a, struct arena *mem)
{
	struct points drawn = { p->n, p->groups, ARENA_NEW(mem, double, p->n), ARENA_NEW(mem, double, p->n),
	                        p->first };
	double *tau = ARENA_NEW(mem, double, a->samples);

	for (int64_t k = 0; k < a->samples; k++) {
		struct rng r = rng_stream((uint64_t)a->seed, "rank/bootstrap", (uint32_t)k, 0, 0);

		for (int64_t g = 0; g < p->groups; g++) {
			int64_t at = p->first[g], size = p->first[g + 1] - at;

			for (int64_t i = 0; i < size; i++) {
				int64_t from = at + rng_below(&r, (uint32_t)size);

				drawn.x[at + i] = p->x[from];
				drawn.y[at + i] = p->y[from];
			}
		}
		tau[k] = tau_of(&drawn, mem);
	}
	return tau;
}

/* The middle 95 % of x - y (y NULL: of x), of those that are numbers. */
static void interval(const double *x, const double *y, int64_t count, struct arena *mem, double *low, double *high)
{
	double *sorted = ARENA_NEW(mem, double, count);
	int64_t n = 0;

	for (int64_t k = 0; k < count; k++) {
		sorted[n] = y ? x[k] - y[k] : x[k];
		n += !isnan(sorted[n]);
	}
	*low = *high = NAN;
	if (!n)
		return;
	qsort(sorted, (size_t)n, sizeof *sorted, by_value);
	*low = gsl_stats_quantile_from_sorted_data(sorted, 1, (size_t)n, 0.025);
	*high = gsl_stats_quantile_from_sorted_data(sorted, 1, (size_t)n, 0.975);
}

/* All but the lead; `tau` are its samples. */
static void measure(struct comparison *c, const struct points *p, bool whole, const double *tau,
                    const struct compare_args *a, struct arena *mem)
{
	c->networks = p->n;
	c->tau = tau_of(p, mem);
	interval(tau, NULL, a->samples, mem, &c->low, &c->high);
	c->spearman = c->weighted = c->precision = c->best_of_top = c->best = NAN;
	c->lead = c->lead_low = c->lead_high = NAN;
	for (int64_t i = 0; i < p->n; i++)
		c->best = fmax(c->best, p->y[i]);
	if (!whole || p->n < 2)
		return;
	c->spearman = rank_spearman(p->x, p->y, p->n, mem);
	c->weighted = rank_weighted_kendall(p->x, p->y, p->n, mem);
	c->precision = rank_precision(p->x, p->y, p->n, a->top, mem);
	c->best_of_top = rank_best_of_top(p->x, p->y, p->n, a->top, mem);
}

int64_t compare(const struct networks *n, const struct compare_args *a, struct arena *mem,
                struct comparison **out)
{
	const struct { const char *name; const double *column; } column[] = {
		{ "score", n->score }, { "macs", n->macs }, { "params", n->params }, { "depth", n->depth }, { "value", n->value },
	};
	const double **by_score = ARENA_NEW(mem, const double *, n->strata + 2);  /* samples of tau, per stratum */
	double *tau_by_score = ARENA_NEW(mem, double, n->strata + 2);
	int64_t count = 0;

	*out = ARENA_NEW(mem, struct comparison, 7 * (n->strata + 2));
	for (int target = 1; target < (n->value ? 5 : 4); target++)
		for (int predictor = 0; predictor < (target == 4 ? 4 : 1); predictor++)
			for (int64_t s = -2; s < n->strata; s++) {
				const double *x = column[predictor].column, *y = column[target].column;
				struct points p = gather(n, x, y, s, s == -1, mem);
				struct comparison *c = &(*out)[count];
				const double *tau;

				if (s >= 0 && p.n < LEAST)
					continue;
				*c = (struct comparison){ column[predictor].name, column[target].name,
				                          s == -2 ? "all" : s == -1 ? "within" : n->stratum_name[s] };
				tau = bootstrap(&p, a, mem);
				measure(c, &p, s != -1, tau, a, mem);
				if (predictor == 0) {
					by_score[s + 2] = tau;
					tau_by_score[s + 2] = c->tau;
				} else {
					c->lead = tau_by_score[s + 2] - c->tau;
					interval(by_score[s + 2], tau, a->samples, mem, &c->lead_low, &c->lead_high);
				}
				count++;
			}
	return count;
}
