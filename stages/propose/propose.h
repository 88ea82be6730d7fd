#ifndef STAGES_PROPOSE_PROPOSE_H
#define STAGES_PROPOSE_PROPOSE_H

#include "base/arena.h"
#include "h5/recipe.h"
#include "search/strategy.h"

struct propose_args {
	const char *strategy;
	const char *profile;                     /* where the settings' defaults came from */
	const char *space, *history, *list;      /* files; history and list may be NULL */
	int64_t k, rescore, round, phase, seed;
	struct strategy_settings settings;       /* but for seed and file, which are above */
};

/* candidates.h5: first the trials of earlier phases that are scored again, then new ones. */
int propose(const struct propose_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem);

#endif
