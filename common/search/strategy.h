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
extern const struct strategy_settings strategy_defaults;   /* seed 1, 0.1, 25, 10, 24, 1 */

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

/* Asks for k candidates after those already in a->proposed (trials scored again), which must have room
 * for them; fewer when the strategy has no more.  round and phase are those of a->proposed. */
int strategy_run(const struct strategy *strategy, struct ask *a, int64_t k);

/* Size of the good group among so many trials that are done: min(ceil(good_share N), good_max), at least 1. */
int64_t tpe_good(const struct strategy_settings *set, int64_t done);

/* 1 when the code's cost is within the caps, else 0 (err_set and < 0 on failure). */
int caps_allow(const struct space *s, const struct caps *caps, const uint8_t *code);
/* true when some trial of history or proposed has this canonical code. */
bool ask_known(const struct ask *a, const uint8_t *code);
/* 1 when a canonical code may be proposed: legal, new and under the caps; else 0; < 0 on failure. */
int ask_accepts(const struct ask *a, const uint8_t *code);
/* Observations that are done, whose newest phase is first .. last, within the caps; best first (ties: smaller
 * id), at most n.  < 0 on failure. */
int64_t ask_best(const struct history *h, const struct space *s, const struct caps *caps, int32_t first, int32_t last,
                 int64_t n, struct arena *mem, const struct trial ***best);
/* A draw, uniform over the canonical codes that are new and under the caps: draws codes until one is its
 * own canonical form and acceptable.  After 1,000 failures any acceptable canonical form will do; after
 * 2,000 it walks all codes from the last one in lexicographic order (spaces up to 1e6 codes).
 * 1 when none is left. */
int ask_uniform_new(const struct ask *a, struct rng *r, uint8_t *code);

#endif
