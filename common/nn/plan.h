/* The memory of a step: buffers that are handed out and taken back while a graph is walked once. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

enum { NN_SIZE_CLASSES = 256 };

struct nn_buffer { float *data; size_t first; int size_class; struct nn_buffer *next; };

struct nn_pool_memory {
	struct arena *mem;
	bool virtual;                                   /* buffers have a place, first, in 0 .. floats, and no data */
	size_t floats;                                  /* of all buffers so far */
	struct nn_buffer *spare[NN_SIZE_CLASSES];       /* last in, first out: likely still in the cache */
};

/* At least `floats` floats, not zeroed. */
struct nn_buffer *nn_buffer_take(struct nn_pool_memory *p, size_t floats);
void nn_buffer_give(struct nn_pool_memory *p, struct nn_buffer *b);

#endif
