/* Ranks and rank correlation. */
#ifndef SEARCH_RANK_H
#define SEARCH_RANK_H

#include <stdint.h>
#include "base/arena.h"

/* rank[i] of value[i], smallest = 1; ties share the mean of their ranks.  No NaN. */
void rank_average(const double *value, int64_t n, struct arena *mem, double *rank);

/* Kendall's tau-b (Kendall 1945, ties in both variables) in O(n log n) (Knight 1966).  NaN when n < 2 or
 * one variable is constant. */
double rank_kendall(const double *x, const double *y, int64_t n, struct arena *mem);

/* Spearman's rho: the correlation of average ranks.  NaN as above. */
double rank_spearman(const double *x, const double *y, int64_t n, struct arena *mem);

#endif
