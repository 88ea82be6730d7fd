/* Random streams: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as
 * easy as 1, 2, 3").
 *
 * A stream is a pure function of (seed, purpose, sample, epoch, view): key = XXH3-64(purpose) xor
 * seed, counter = {draw, sample, epoch, view}.  Nothing depends on which thread draws, in which
 * order, or on where a run was interrupted; there is no state to save.
 * Check value: philox4x32-10 of counter 0, key 0 is 6627e8d5 e169c58d bc57ac4c 9b00dbd8. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>
#include <gsl/gsl_rng.h>

struct rng {
	uint32_t key[2];
	uint32_t counter[4];   /* draw, sample, epoch, view */
	uint32_t word[4];      /* words of the present block */
	int left;              /* words not yet handed out */
};

struct rng rng_stream(uint64_t seed, const char *purpose, uint32_t sample, uint32_t epoch, uint32_t view);

uint32_t rng_u32(struct rng *r);
double rng_uniform(struct rng *r);                  /* [0, 1): u32 / 2^32 */
double rng_open(struct rng *r);                     /* (0, 1): (u32 + 0.5) / 2^32 */
uint32_t rng_below(struct rng *r, uint32_t n);      /* 0 .. n-1, unbiased */
double rng_normal(struct rng *r);                   /* gsl_cdf_ugaussian_Pinv(rng_open): one word each */
void rng_shuffle(struct rng *r, uint32_t *item, uint32_t n);   /* Fisher-Yates, from the last to the first */

/* The block function itself, for tests and for generators that index the counter themselves. */
void philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* A GSL view of the stream, for gsl_ran_*(); valid as long as *r lives.  Free with gsl_rng_free. */
gsl_rng *rng_gsl(struct rng *r);

#endif
