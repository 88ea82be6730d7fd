/* Shrinkers: which choices to switch off. */
#ifndef SEARCH_SHRINKER_H
#define SEARCH_SHRINKER_H

#include <stdio.h>
#include "search/history.h"

struct shrink_settings {
	int64_t drop;                /* choices to switch off, over all decisions */
	int64_t keep;                /* at least this many stay on per decision */
	double diversity;            /* weight of diversity against quality, 0 .. 1 */
};
extern const struct shrink_settings shrink_defaults;

/* One row per choice that was on: what the decision was made from. */
struct shrink_row {
	int decision, choice;
	int64_t trials;              /* observations with this choice */
	double quality;              /* marginal quality: mean of 1 - value over them; NaN with no trial */
	double diversity;            /* what the choice adds to the diversity of the good half */
	double merit;                /* what was sorted by */
	bool off;                    /* switched off */
};

struct shrinker {
	PLUGIN_HEAD;
	/* Clears mask entries of s; rows of the table in mem. */
	int (*shrink)(struct space *s, const struct history *h, const struct shrink_settings *set, struct arena *mem,
	              struct shrink_row **row, int64_t *rows);
};
extern const struct shrinker *const shrinker_table[];

#endif
