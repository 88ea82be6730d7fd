/* Which trials to keep at the end. */
#ifndef SEARCH_PICK_H
#define SEARCH_PICK_H

#include "search/strategy.h"

/* how:
 *   best        the best score
 *   pareto      every trial than which none scores at least as well with fewer multiply-adds, best first
 *   ensemble:N  the best, then one after another the trial with the largest
 *               (M - rank) / (M - 1) + mean Hamming distance to those chosen
 *               (rank 1 .. M by score: the first term is 1 for the best and 0 for the worst)
 * Only trials of the last phase, one per architecture, within the caps.  ERR_USAGE on another word,
 * ERR_CONFIG when the caps leave too few. */
int pick(const char *how, const struct history *h, const struct space *s, const struct caps *caps,
         struct arena *mem, const struct trial ***member, int64_t *members);

/* 0, or ERR_USAGE when `how` is none of the above; *ensemble = N, 0 for the others. */
int pick_check(const char *how, int64_t *ensemble);

#endif
