/* How different architectures are. */
#ifndef SEARCH_DIVERSITY_H
#define SEARCH_DIVERSITY_H

#include <stdint.h>

/* Share of decisions in which two canonical codes differ, 0 .. 1. */
double diversity_hamming(const uint8_t *a, const uint8_t *b, int decisions);

/* Mean Hamming distance from a code to n others; 0 for n = 0. */
double diversity_to(const uint8_t *code, const uint8_t *const *other, int64_t n, int decisions);

/* Mean Hamming distance over all pairs; 0 for n < 2. */
double diversity_mean(const uint8_t *const *code, int64_t n, int decisions);

#endif
