#ifndef STAGES_SELECT_CHOOSE_H
#define STAGES_SELECT_CHOOSE_H

#include "base/arena.h"
#include "h5/recipe.h"

struct choose_args {
	const char *space, *history;
	const char *pick;
	int64_t max_macs, max_params;
};
extern const struct choose_args choose_defaults;

int choose(const struct choose_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem);

#endif
