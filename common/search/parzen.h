/* Parzen estimators over architectures: a mixture with one kernel per observed code and a prior.
 *
 *   p(x) = ( sum_i w_i prod_d K_d(x_d | c_i,d) + w0 prod_d q_d(x_d) ) / ( sum_i w_i + w0 )
 *   K_d(c | c_i) = ([c = c_i] + lam C_d q_d(c)) / (1 + C_d lam),  lam = w0 / (n + 1)
 *
 * C_d counts the choices that are on, q_d is the prior over them, 1 / C_d where none is given; what is off
 * has no probability.  The kernel is that of Optuna's multivariate TPE (Akiba et al. 2019; Falkner, Klein
 * and Hutter 2018 give the multivariate form). */
#ifndef SEARCH_PARZEN_H
#define SEARCH_PARZEN_H

#include <stdint.h>
#include "space/space.h"

/* One number for each choice of each decision; 0 for those that are off. */
struct parzen_table { double p[SPACE_MAX_DECISIONS][SPACE_MAX_CHOICES]; };

/* A prior from "NAME=WEIGHT:NAME=WEIGHT": choices of these names, in whatever decision, have these weights,
 * the others 1; normalised within each decision.  ERR_USAGE names what is wrong. */
int parzen_prior(struct parzen_table *q, const struct space *s, const char *text);

struct parzen {
	const struct space *space;
	int64_t n;
	const uint8_t *const *code;  /* n observed codes, legal, oldest first */
	const double *weight;        /* w_i */
	const struct parzen_table *q;        /* NULL: uniform */
	double prior;                /* w0 */
	double total;                /* sum of w_i and w0 */
	double *log_weight;
	double lam;
};

/* Codes, weights and q are lent. */
void parzen_init(struct parzen *p, const struct space *s, int64_t n, const uint8_t *const *code,
                 const double *weight, double prior, const struct parzen_table *q, struct arena *mem);
/* log p(x) of a legal code. */
double parzen_log(const struct parzen *p, const uint8_t *x, struct arena *mem);
/* A kernel by weight (the prior too), then each decision from it. */
void parzen_draw(const struct parzen *p, struct rng *r, uint8_t *x);

/* One density for each decision: the mixture above taken for that decision alone. */
void parzen_marginals(const struct parzen *p, struct parzen_table *table);
/* The same by hyperopt's counts (Bergstra, Yamins and Cox 2013):
 * p(c) = (sum_i w_i [c_i = c] + w0 C q(c)) / (sum_i w_i + w0 C). */
void parzen_counts(const struct parzen *p, struct parzen_table *table);
/* A choice of decision d from a table. */
uint8_t parzen_table_draw(const struct parzen_table *t, const struct space *s, int d, struct rng *r);

/* Weights by age of n observations, oldest first (Bergstra, Yamins and Cox 2013): the last 25 count fully,
 * those before rise linearly from 1/n to 1. */
void parzen_age(int64_t n, double *weight);

#endif
