/* One number for how well a column orders another, and its neighbours. */
#ifndef RANK_COMPARE_H
#define RANK_COMPARE_H

#include "stages/rank/networks.h"

struct comparison {
	const char *predictor, *target, *stratum;    /* stratum: "all", "within", or the name of one */
	int64_t networks;
	double tau, low, high;       /* tau-b and its 95 % bootstrap interval */
	double lead, lead_low, lead_high;    /* tau-b of the score with the target, less this tau-b: the same samples */
	double spearman, weighted, precision, best_of_top, best;     /* NaN for "within", but for best */
};

struct compare_args { int64_t top, samples, seed; };

/* Every predictor against every target: score against costs; score and costs against values where they are
 * known.  Over all networks, over pairs within strata, and in each stratum of at least five networks. */
int64_t compare(const struct networks *n, const struct compare_args *a, struct arena *mem,
                struct comparison **out);

#endif
