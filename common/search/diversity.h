/* How different architectures are. */
#ifndef SEARCH_DIVERSITY_H
#define SEARCH_DIVERSITY_H

#include "base/arena.h"
#include "space/space.h"

/* Share of decisions in which two canonical codes differ, 0 .. 1. */
double diversity_hamming(const uint8_t *a, const uint8_t *b, int decisions);

/* Mean Hamming distance from a code to n others; 0 for n = 0. */
double diversity_to(const uint8_t *code, const uint8_t *const *other, int64_t n, int decisions);

/* The same, to the last bit, from how often each choice occurs in the others: time does not grow with n. */
int64_t (*diversity_count(const uint8_t *const *code, int64_t n, int decisions, struct arena *mem))[SPACE_MAX_CHOICES];
double diversity_to_counted(const uint8_t *code, int64_t (*count)[SPACE_MAX_CHOICES], int64_t n,
                            int decisions);

/* Mean Hamming distance over all pairs; 0 for n < 2. */
double diversity_mean(const uint8_t *const *code, int64_t n, int decisions);

#endif
