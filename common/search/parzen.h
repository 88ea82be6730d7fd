/* Parzen estimators over architectures: a mixture with one kernel per observed code and a uniform prior.
 *
 *   p(x) = ( sum_i w_i prod_d K_d(x_d | c_i,d) + w0 prod_d 1/C_d ) / ( sum_i w_i + w0 )
 *   K_d(c | c_i) = ([c = c_i] + lam) / (1 + C_d lam),  lam = w0 / (n + 1)
 *
 * C_d counts the choices that are on; what is off has no probability.  The kernel is that of Optuna's
 * multivariate TPE (Akiba et al. 2019; Falkner, Klein and Hutter 2018 give the multivariate form). */
#ifndef SEARCH_PARZEN_H
#define SEARCH_PARZEN_H

#include <stdint.h>
#include "space/space.h"

struct parzen {
	const struct space *space;
	int64_t n;
	const uint8_t *const *code;  /* n observed codes, legal, oldest first */
	const double *weight;        /* w_i */
	double prior;                /* w0 */
	double total;                /* sum of w_i and w0 */
	double log_prior;            /* log( w0 prod 1/C_d ) */
	double *log_weight;          /* log( w_i prod_d lam / (1 + C_d lam) ): no gene equal */
	double gain;                 /* log( (1 + lam) / lam ): added for each gene that is equal */
	double lam;
};

/* Codes and weights are lent. */
void parzen_init(struct parzen *p, const struct space *s, int64_t n, const uint8_t *const *code,
                 const double *weight, double prior, struct arena *mem);
/* log p(x) of a legal code. */
double parzen_log(const struct parzen *p, const uint8_t *x, struct arena *mem);
/* A kernel by weight (the prior too), then each decision from it. */
void parzen_draw(const struct parzen *p, struct rng *r, uint8_t *x);

/* Weights by age of n observations, oldest first (Bergstra, Yamins and Cox 2013): the last 25 count fully,
 * those before rise linearly from 1/n to 1. */
void parzen_age(int64_t n, double *weight);

#endif
