#ifndef STAGES_PROPOSE_PROPOSE_H
#define STAGES_PROPOSE_PROPOSE_H

#include "base/arena.h"
#include "h5/recipe.h"

struct propose_args {
	const char *strategy;
	const char *space, *history, *list;      /* files; history and list may be NULL */
	int64_t k, rescore, round, phase, max_macs, max_params, seed;
	/* tpe */
	double good_share, prior_weight;
	int64_t good_max, startup, candidates;
};
extern const struct propose_args propose_defaults;

/* candidates.h5: first the trials of earlier phases that are scored again, then new ones. */
int propose(const struct propose_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem);

#endif
