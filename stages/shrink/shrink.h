#ifndef STAGES_SHRINK_SHRINK_H
#define STAGES_SHRINK_SHRINK_H

#include <stdbool.h>
#include "base/arena.h"
#include "h5/recipe.h"
#include "search/shrinker.h"

struct shrink_args {
	const char *space, *history;
	const char *shrinker;
	struct shrink_settings settings;
	bool dry_run;                /* print the table, write nothing */
};

int shrink(const struct shrink_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem);

#endif
