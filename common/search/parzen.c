#include "search/parzen.h"

#include <math.h>

#define FULL_WEIGHT 25               /* newest observations that are not discounted */

void parzen_age(int64_t n, double *weight)
{
	int64_t ramp = n - FULL_WEIGHT;

	for (int64_t i = 0; i < n; i++) {
		if (i >= ramp)
			weight[i] = 1;
		else
			weight[i] = ramp == 1 ? 1.0 / (double)n : 1.0 / (double)n + (1 - 1.0 / (double)n) * (double)i / (double)(ramp - 1);
	}
}

void parzen_init(struct parzen *p, const struct space *s, int64_t n, const uint8_t *const *code,
                 const double *weight, double prior, struct arena *mem)
{
	double log_miss = 0, log_uniform = 0;

	*p = (struct parzen){ .space = s, .n = n, .code = code, .weight = weight, .prior = prior, .total = prior };
	p->lam = prior / (double)(n + 1);
	p->log_weight = ARENA_NEW(mem, double, n);
	p->gain = log((1 + p->lam) / p->lam);
	for (int d = 0; d < s->decisions; d++) {
		double c = space_on(s, d);

		log_miss += log(p->lam / (1 + c * p->lam));
		log_uniform -= log(c);
	}
	for (int64_t i = 0; i < n; i++) {
		p->log_weight[i] = log(weight[i]) + log_miss;
		p->total += weight[i];
	}
	p->log_prior = log(prior) + log_uniform;
}

double parzen_log(const struct parzen *p, const uint8_t *x, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	double *term = arena_raw(mem, (size_t)p->n + 1, sizeof *term), most = p->log_prior, sum;

	for (int64_t i = 0; i < p->n; i++) {
		const uint8_t *code = p->code[i];
		int equal = 0;

		for (int d = 0; d < p->space->decisions; d++)
			equal += code[d] == x[d];
		term[i] = p->log_weight[i] + equal * p->gain;
		most = term[i] > most ? term[i] : most;
	}
	sum = exp(p->log_prior - most);
	for (int64_t i = 0; i < p->n; i++)
		sum += exp(term[i] - most);
	arena_rewind(mem, mark);
	return most + log(sum) - log(p->total);
}

void parzen_draw(const struct parzen *p, struct rng *r, uint8_t *x)
{
	double u = rng_uniform(r) * p->total;
	int64_t kernel = 0;

	while (kernel < p->n && u >= p->weight[kernel])
		u -= p->weight[kernel++];
	/* [c = c_i] + lam over 1 + C lam: with probability 1 / (1 + C lam) the kernel's own choice, else any */
	for (int d = 0; d < p->space->decisions; d++) {
		uint32_t on = (uint32_t)space_on(p->space, d);

		if (kernel < p->n && rng_uniform(r) * (1 + on * p->lam) < 1)
			x[d] = p->code[kernel][d];
		else
			x[d] = space_nth_on(p->space, d, rng_below(r, on));
	}
}
