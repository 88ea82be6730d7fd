/* The networks that are ranked: columns of numbers, one row each. */
#ifndef RANK_NETWORKS_H
#define RANK_NETWORKS_H

#include "base/arena.h"
#include "search/history.h"

struct networks {
	struct space *space;
	int64_t count;
	const uint8_t **code;
	double intraclass;           /* of the scores over several files; NaN for one */
	double *score, *macs, *params, *depth;
	double *value;               /* NULL: no values known; NaN where unknown */
	int64_t *stratum;            /* 0 .. strata - 1 */
	int64_t strata;
	char (*stratum_name)[48];
};

struct networks_args {
	const char *space;
	const char *const *scores;           /* history.h5 or scores.h5; several are repeats, whose mean score counts */
	int n_scores;
	const char *against, *truth;         /* values: another such file, or a TSV; or NULL */
	const char *const *metrics;          /* values: test top-1 of single networks, metrics.h5 */
	int n_metrics;
	const char *strata;                  /* depth, macs or params */
	int64_t bins;                        /* of macs and params: as many networks in each */
};

/* The trials that are done, of the last phase; of an architecture its newest; of several files those that are
 * in all of them.  ERR_DATA: none, fewer than two with known values, files of another space. */
int networks_read(struct networks *n, const struct networks_args *a, struct arena *mem);

const char *strata_words(int i);             /* depth, macs, params */

#endif
