#ifndef STAGES_SPACE_MAKE_H
#define STAGES_SPACE_MAKE_H

#include <stdbool.h>
#include "base/arena.h"
#include "h5/recipe.h"

struct space_args {
	const char *space;
	const char *options;         /* "name=value:..." of what is not left to the space */
	bool small;                  /* what is left to it makes a small network */
	int64_t classes;
};
extern const struct space_args space_defaults;

/* The named space for images of the shape that dataset.h5 has, all choices on. */
int make_space(const struct space_args *a, const char *dataset, const char *out,
               const struct h5_recipe *recipe, struct arena *mem);

#endif
