/* The memory of a step: ranges that are handed out and taken back while a graph is walked once, before
 * anything is computed.  Ranges lie in one space of 0 .. floats; its owner allocates that afterwards. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include <stddef.h>
#include "base/arena.h"

struct nn_range { size_t first, floats; struct nn_range *next; };

struct nn_space {
	struct arena *mem;
	size_t floats;               /* the space so far */
	struct nn_range *spare;      /* free ranges, in order of place, never side by side */
	struct nn_range *unused;     /* structs to use again */
};

/* At least `floats` floats that nobody holds, on a cache line. */
struct nn_range *nn_range_take(struct nn_space *s, size_t floats);
void nn_range_give(struct nn_space *s, struct nn_range *r);

#endif
