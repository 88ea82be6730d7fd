/* Strategies: who proposes the next architectures.  A pure function of (space, history, k, seed). */
#ifndef SEARCH_STRATEGY_H
#define SEARCH_STRATEGY_H

#include "search/history.h"

struct caps { int64_t macs, params; };       /* hard upper limits; 0 = none */

struct strategy_settings {
	uint64_t seed;
	struct caps caps;
	const char *file;            /* list: one architecture per line */
	/* tpe; csnas-tpe.md 3.10, profile "default" */
	double good_share;           /* n_good = ceil(share * N), at most good_max */
	int64_t good_max, startup, candidates;
	double prior_weight;
};
extern const struct strategy_settings strategy_defaults;   /* 0.1, 25, 10, 24, 1 */

struct ask {                         /* what a strategy sees */
	const struct space *space;
	const struct history *history;           /* may be empty */
	const struct strategy_settings *settings;
	struct arena *mem;
	int64_t first_id;            /* id of the first new trial; trial i draws from stream (seed, "propose", id) */
	/* what was proposed in this call so far, pending: */
	struct history *proposed;
};

struct strategy {
	PLUGIN_HEAD;
	/* One more code, canonical, legal, under the caps, and new (not in history, not proposed).
	 * 0, 1 when there is none left, or an error. */
	int (*propose)(const struct ask *a, int64_t id, uint8_t *code);
	/* Strategies whose answer may repeat old trials (list, best) set this: duplicates are allowed. */
	bool repeats;
};
extern const struct strategy *const strategy_table[];

/* true when the code's cost is within the caps (err_set and < 0 on failure). */
int caps_allow(const struct space *s, const struct caps *caps, const uint8_t *code);
/* true when some trial of history or proposed has this canonical code. */
bool ask_known(const struct ask *a, const uint8_t *code);
/* A uniform draw that is new and under the caps; after 1,000 failures walks all codes from the drawn one
 * in lexicographic order (spaces up to 1e6 codes); 1 when none is left. */
int ask_uniform_new(const struct ask *a, struct rng *r, uint8_t *code);

#endif
