#ifndef STAGES_RECORD_RECORD_H
#define STAGES_RECORD_RECORD_H

#include "base/arena.h"
#include "h5/recipe.h"

struct record_args {
	const char *space, *candidates, *history;   /* history may be NULL */
	const char *const *scores;
	int n_scores;
};

/* history.h5: the old trials, then the candidates with what their scores say. */
int record(const struct record_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem);

#endif
