/* Strategies: who proposes the next architectures.  A pure function of (space, history, k, seed). */
#ifndef SEARCH_STRATEGY_H
#define SEARCH_STRATEGY_H

#include "search/history.h"

struct caps { int64_t macs, params; };       /* hard upper limits; 0 = none */

/* tpe; csnas-tpe.md 3.10 says where each comes from. */
struct tpe_settings {
	const char *mode;            /* tpe_modes: all decisions in one density, or one density each */
	const char *split;           /* tpe_splits: n_good = ceil(share N) or ceil(share sqrt N), at most good_max */
	const char *kernel;          /* tpe_kernels; hyperopt's is for mode independent only */
	const char *weights;         /* tpe_weights: of observations in their density */
	const char *liar;            /* tpe_liars: what a trial without a score yet counts as */
	double good_share;
	int64_t good_max, startup, candidates;       /* candidates 0: the best choice of each decision, not drawn */
	double prior_weight;         /* of the prior, in observations */
	const char *choice_prior;    /* "NAME=WEIGHT:NAME=WEIGHT", others 1 (see parzen.h); "" = uniform */
};

struct evolution_settings { int64_t population, tournament; };

struct strategy_settings {
	uint64_t seed;
	struct caps caps;
	const char *file;            /* list: one architecture per line */
	const char *repeat;          /* strategy_repeats: may tpe and evolution propose what was scored before? */
	struct tpe_settings tpe;
	struct evolution_settings evolution;
};
extern const struct strategy_settings strategy_defaults;   /* those of profile "default" */

/* Settings under the names by which they are known, and the words of each setting; i-th, NULL at the end. */
const char *strategy_profiles(int i);
const struct strategy_settings *strategy_profile(const char *name);  /* NULL when there is none */
const char *strategy_repeats(int i);         /* reject, allow */
const char *tpe_modes(int i);                /* multivariate, independent */
const char *tpe_splits(int i);               /* linear, sqrt */
const char *tpe_kernels(int i);              /* optuna, hyperopt */
const char *tpe_weights(int i);              /* age, uniform, ei */
const char *tpe_liars(int i);                /* bad, ignore */

struct ask {                         /* what a strategy sees */
	const struct space *space;
	const struct history *history;           /* may be empty */
	const struct strategy_settings *settings;
	struct arena *mem;
	int64_t first_id;            /* id of the first new trial */
	/* what was proposed in this call so far, pending: */
	struct history *proposed;
};

struct strategy {
	PLUGIN_HEAD;
	/* One more code, canonical, legal, under the caps, and new (not in history, not proposed) unless
	 * settings allow repeats.
	 * Random numbers from r, stream (seed, "propose", id); what it takes from a->mem is given back.
	 * 0, 1 when there is none left, or an error. */
	int (*propose)(const struct ask *a, int64_t id, struct rng *r, uint8_t *code);
	/* Strategies whose answer may repeat old trials (list, best) set this: duplicates are allowed. */
	bool repeats;
};
extern const struct strategy *const strategy_table[];

/* Asks for k candidates after those already in a->proposed (trials scored again), which must have room
 * for them; fewer when the strategy has no more.  round and phase are those of a->proposed. */
int strategy_run(const struct strategy *strategy, struct ask *a, int64_t k);

/* Size of the good group among so many trials that are done, at least 1. */
int64_t tpe_good(const struct tpe_settings *set, int64_t done);

/* 1 when the code's cost is within the caps, else 0 (err_set and < 0 on failure). */
int caps_allow(const struct space *s, const struct caps *caps, const uint8_t *code);
/* true when some trial of history or proposed has this canonical code. */
bool ask_known(const struct ask *a, const uint8_t *code);
/* 1 when a canonical code may be proposed: legal, under the caps, and new where repeats are rejected; else 0;
 * < 0 on failure. */
int ask_accepts(const struct ask *a, const uint8_t *code);
/* Observations that are done, whose newest phase is first .. last, within the caps; best first (ties: smaller
 * id), at most n.  < 0 on failure. */
int64_t ask_best(const struct history *h, const struct space *s, const struct caps *caps, int32_t first,
                 int32_t last, int64_t n, struct arena *mem, const struct trial ***best);
/* Changes one random decision at a time until the code is acceptable: 1, or 0 when that takes too long. */
int ask_mutate(const struct ask *a, struct rng *r, uint8_t *code);
/* A draw, uniform over the canonical codes that are new and under the caps: draws codes until one is its
 * own canonical form and acceptable.  After 1,000 failures any acceptable canonical form will do; after
 * 2,000 it walks all codes from the last one in lexicographic order (spaces up to 1e6 codes).
 * 1 when none is left. */
int ask_uniform_new(const struct ask *a, struct rng *r, uint8_t *code);

#endif
