/* Ranks and rank correlation. */
#ifndef SEARCH_RANK_H
#define SEARCH_RANK_H

#include <stdint.h>
#include "base/arena.h"

/* rank[i] of value[i], smallest = 1; ties share the mean of their ranks.  No NaN. */
void rank_average(const double *value, int64_t n, struct arena *mem, double *rank);

/* The pairs of n points: concordant less discordant, and those that differ in x, in y.  Parts of several
 * groups add up to the tau-b of pairs within groups. */
struct kendall { double net, x, y; };
struct kendall rank_kendall_pairs(const double *x, const double *y, int64_t n, struct arena *mem);
double rank_kendall_tau(struct kendall k);       /* NaN when one variable is constant */

/* Kendall's tau-b (Kendall 1945, ties in both variables) in O(n log n) (Knight 1966).  NaN when n < 2 or
 * one variable is constant. */
double rank_kendall(const double *x, const double *y, int64_t n, struct arena *mem);

/* Tau that weighs a pair by 1/(r + 1) + 1/(s + 1), r and s the places of its two points from 0, largest
 * first: the top counts most (Vigna 2015).  Mean of the two taus with places by (x, y) and by (y, x).  O(n^2). */
double rank_weighted_kendall(const double *x, const double *y, int64_t n, struct arena *mem);

/* Spearman's rho: the correlation of average ranks.  NaN as above. */
double rank_spearman(const double *x, const double *y, int64_t n, struct arena *mem);

/* Intraclass correlation ICC(1) of n subjects measured k times each, x (n, k): the share of the variance that
 * is between subjects (Shrout and Fleiss 1979, case 1).  NaN when n < 2 or k < 2. */
double rank_intraclass(const double *x, int64_t n, int64_t k);

/* The k points of the largest x (ties: the smaller index): how many of them are among the k largest y,
 * as a share, and the largest y of them. */
double rank_precision(const double *x, const double *y, int64_t n, int64_t k, struct arena *mem);
double rank_best_of_top(const double *x, const double *y, int64_t n, int64_t k, struct arena *mem);

#endif
