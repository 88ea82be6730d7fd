/* Philox4x32-10: ten rounds of multiplying and mixing, a bijection of the counter for each key.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.3. */
#include "base/rng.h"

#include <gsl/gsl_cdf.h>

#include "base/die.h"
#include "base/err.h"
#include "base/hash.h"

#define MULTIPLIER_0 0xD2511F53u
#define MULTIPLIER_1 0xCD9E8D57u
#define WEYL_0 0x9E3779B9u      /* golden ratio */
#define WEYL_1 0xBB67AE85u      /* sqrt(3) - 1 */

void philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
	uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
	uint32_t k0 = key[0], k1 = key[1];
	int round;

	for (round = 0; round < 10; round++) {
		uint64_t a = (uint64_t)MULTIPLIER_0 * x0, b = (uint64_t)MULTIPLIER_1 * x2;

		x0 = (uint32_t)(b >> 32) ^ x1 ^ k0;
		x1 = (uint32_t)b;
		x2 = (uint32_t)(a >> 32) ^ x3 ^ k1;
		x3 = (uint32_t)a;
		k0 += WEYL_0;
		k1 += WEYL_1;
	}
	out[0] = x0;
	out[1] = x1;
	out[2] = x2;
	out[3] = x3;
}

struct rng rng_stream(uint64_t seed, const char *purpose, uint32_t sample, uint32_t epoch, uint32_t view)
{
	uint64_t key = hash64_text(purpose) ^ seed;
	struct rng r = {
		.key = { (uint32_t)key, (uint32_t)(key >> 32) },
		.counter = { 0, sample, epoch, view },
	};

	return r;
}

uint32_t rng_u32(struct rng *r)
{
	if (!r->left) {
		philox4x32_10(r->counter, r->key, r->word);
		r->counter[0]++;
		r->left = 4;
	}
	return r->word[4 - r->left--];
}

double rng_uniform(struct rng *r)
{
	return rng_u32(r) * 0x1p-32;
}

double rng_open(struct rng *r)
{
	return (rng_u32(r) + 0.5) * 0x1p-32;
}

/* Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), algorithm 5. */
uint32_t rng_below(struct rng *r, uint32_t n)
{
	uint64_t product = (uint64_t)rng_u32(r) * n;

	if ((uint32_t)product < n) {
		uint32_t reject = n ? -n % n : 0;

		while ((uint32_t)product < reject)
			product = (uint64_t)rng_u32(r) * n;
	}
	return (uint32_t)(product >> 32);
}

double rng_normal(struct rng *r)
{
	return gsl_cdf_ugaussian_Pinv(rng_open(r));
}

void rng_shuffle(struct rng *r, uint32_t *item, uint32_t n)
{
	uint32_t i, j, swap;

	for (i = n; i > 1; i--) {
		j = rng_below(r, i);
		swap = item[i - 1];
		item[i - 1] = item[j];
		item[j] = swap;
	}
}

/* ---- the GSL view: its state is a pointer to the stream ---- */

static void view_set(void *state, unsigned long seed)
{
	(void)state;
	(void)seed;      /* a stream is seeded by rng_stream alone */
}

static unsigned long view_get(void *state)
{
	return rng_u32(*(struct rng **)state);
}

static double view_get_double(void *state)
{
	return rng_uniform(*(struct rng **)state);
}

static const gsl_rng_type view_type = {
	.name = "philox4x32-10", .max = 0xffffffffUL, .min = 0, .size = sizeof(struct rng *),
	.set = view_set, .get = view_get, .get_double = view_get_double,
};

gsl_rng *rng_gsl(struct rng *r)
{
	gsl_rng *view = gsl_rng_alloc(&view_type);

	if (!view)
		die(-ERR_INTERNAL, "out of memory for a random stream");
	*(struct rng **)view->state = r;
	return view;
}
