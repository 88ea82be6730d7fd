#ifndef RANK_RANKING_H
#define RANK_RANKING_H

#include "h5/recipe.h"
#include "stages/rank/compare.h"

struct ranking_args {
	struct networks_args from;
	struct compare_args how;
	const char *scores_out;      /* code <TAB> score of every network; or NULL */
	const char *table_out;       /* the comparisons, tab-separated; or NULL */
};

/* ranking.h5 and the text files; one event per comparison. */
int ranking(const struct ranking_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem);

#endif
