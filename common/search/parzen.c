#include "search/parzen.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "base/number.h"

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

/* ---- prior ------------------------------------------------------------------------------------ */

/* Gives every choice of that name the weight; how many there are. */
static int weigh(struct parzen_table *q, const struct space *s, const char *name, size_t length,
                 double weight)
{
	int found = 0;

	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++) {
			const char *choice = s->decision[d].choice[c];

			if (strlen(choice) != length || memcmp(choice, name, length))
				continue;
			q->p[d][c] = weight;
			found++;
		}
	return found;
}

int parzen_prior(struct parzen_table *q, const struct space *s, const char *text)
{
	*q = (struct parzen_table){ 0 };
	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++)
			q->p[d][c] = 1;
	for (const char *at = text; *at; ) {
		size_t length = strcspn(at, ":"), name = strcspn(at, "=");
		char number[32] = "";
		double weight;

		if (name < length && length - name - 1 < sizeof number)
			memcpy(number, at + name + 1, length - name - 1);
		if (!*number || !number_parse(number, &weight) || !(weight > 0) || !isfinite(weight))
			return err_set(ERR_USAGE, "choice prior \"%.*s\": expected NAME=WEIGHT with a weight above 0",
			               (int)length, at);
		if (!weigh(q, s, at, name, weight))
			return err_set(ERR_USAGE, "choice prior \"%.*s\": space %s has no choice of this name; nas-inspect of space.h5 "
			               "lists them", (int)length, at, s->type->name);
		at += length + (at[length] == ':');
	}
	for (int d = 0; d < s->decisions; d++) {
		double sum = 0;

		for (int c = 0; c < s->decision[d].choices; c++)
			sum += q->p[d][c] *= s->mask[d][c];
		for (int c = 0; c < s->decision[d].choices; c++)
			q->p[d][c] /= sum;
	}
	return 0;
}

static double prior_of(const struct parzen *p, int d, int c)
{
	return p->q ? p->q->p[d][c] : 1.0 / space_on(p->space, d);
}

/* ---- all decisions together -------------------------------------------------------------------- */

void parzen_init(struct parzen *p, const struct space *s, int64_t n, const uint8_t *const *code,
                 const double *weight, double prior, const struct parzen_table *q, struct arena *mem)
{
	*p = (struct parzen){ .space = s, .n = n, .code = code, .weight = weight, .q = q, .prior = prior, .total = prior };
	p->lam = prior / (double)(n + 1);
	p->log_weight = ARENA_NEW(mem, double, n);
	for (int64_t i = 0; i < n; i++) {
		p->log_weight[i] = log(weight[i]);
		p->total += weight[i];
	}
}

double parzen_log(const struct parzen *p, const uint8_t *x, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	double *term = arena_raw(mem, (size_t)p->n + 1, sizeof *term), gain[SPACE_MAX_DECISIONS];
	double log_prior = log(p->prior), miss = 0, most, sum;
	bool alike = !p->q;              /* then lam C q = lam: every equal decision gains the same */

	for (int d = 0; d < p->space->decisions; d++) {
		double q = prior_of(p, d, x[d]), c = space_on(p->space, d), rest = p->lam * (alike ? 1 : c * q);

		log_prior += log(q);
		miss += log(rest / (1 + c * p->lam));
		gain[d] = log((1 + rest) / rest);
	}
	most = log_prior;
	for (int64_t i = 0; i < p->n; i++) {
		const uint8_t *code = p->code[i];
		double gained = 0;
		int equal = 0;

		for (int d = 0; alike && d < p->space->decisions; d++)
			equal += code[d] == x[d];
		for (int d = 0; !alike && d < p->space->decisions; d++)
			gained += code[d] == x[d] ? gain[d] : 0;
		term[i] = p->log_weight[i] + miss + (alike ? equal * gain[0] : gained);
		most = term[i] > most ? term[i] : most;
	}
	sum = exp(log_prior - most);
	for (int64_t i = 0; i < p->n; i++)
		sum += exp(term[i] - most);
	arena_rewind(mem, mark);
	return most + log(sum) - log(p->total);
}

uint8_t parzen_table_draw(const struct parzen_table *t, const struct space *s, int d, struct rng *r)
{
	double u = rng_uniform(r);
	int last = 0;

	for (int c = 0; c < s->decision[d].choices; c++) {
		if (!s->mask[d][c])
			continue;
		last = c;
		if (u < t->p[d][c])
			break;
		u -= t->p[d][c];
	}
	return (uint8_t)last;
}

void parzen_draw(const struct parzen *p, struct rng *r, uint8_t *x)
{
	double u = rng_uniform(r) * p->total;
	int64_t kernel = 0;

	while (kernel < p->n && u >= p->weight[kernel])
		u -= p->weight[kernel++];
	/* [c = c_i] + lam C q over 1 + C lam: with probability 1 / (1 + C lam) the kernel's own choice, else by q */
	for (int d = 0; d < p->space->decisions; d++) {
		uint32_t on = (uint32_t)space_on(p->space, d);

		if (kernel < p->n && rng_uniform(r) * (1 + on * p->lam) < 1)
			x[d] = p->code[kernel][d];
		else if (p->q)
			x[d] = parzen_table_draw(p->q, p->space, d, r);
		else
			x[d] = space_nth_on(p->space, d, rng_below(r, on));
	}
}

/* ---- each decision by itself ------------------------------------------------------------------- */

/* For the choices that are on; others have neither observations nor prior. */
static void tabulate(const struct parzen *p, struct parzen_table *table, bool counts)
{
	double observed = p->total - p->prior;

	*table = (struct parzen_table){ 0 };
	for (int64_t i = 0; i < p->n; i++)
		for (int d = 0; d < p->space->decisions; d++)
			table->p[d][p->code[i][d]] += p->weight[i];
	for (int d = 0; d < p->space->decisions; d++) {
		double on = space_on(p->space, d), own = 1 / (1 + on * p->lam);

		for (int c = 0; c < p->space->decision[d].choices; c++) {
			double seen = table->p[d][c], q = p->space->mask[d][c] ? prior_of(p, d, c) : 0;

			if (counts)
				table->p[d][c] = (seen + p->prior * on * q) / (observed + p->prior * on);
			else
				table->p[d][c] = (own * (seen + observed * p->lam * on * q) + p->prior * q) / p->total;
		}
	}
}

void parzen_marginals(const struct parzen *p, struct parzen_table *table) { tabulate(p, table, false); }
void parzen_counts(const struct parzen *p, struct parzen_table *table) { tabulate(p, table, true); }
