/* Size classes, four per power of two: at most a quarter of a buffer is unused, and buffers of layers
 * that differ a little can stand in for each other. */
#include "nn/plan.h"

static size_t class_floats(int k) { return ((size_t)4 + (size_t)(k % 4)) << (k / 4 + 2); }   /* 16, 20, 24, 28, 32, ... */

static int class_of(size_t floats)
{
	int k = 0;
	while (class_floats(k) < floats)
		k++;
	return k;
}

struct nn_buffer *nn_buffer_take(struct nn_pool_memory *p, size_t floats)
{
	int least = class_of(floats);
	/* a spare one of up to twice the size is better than new memory */
	for (int k = least; k <= least + 4 && k < NN_SIZE_CLASSES; k++) {
		struct nn_buffer *b = p->spare[k];
		if (b) {
			p->spare[k] = b->next;
			return b;
		}
	}
	struct nn_buffer *b = ARENA_NEW(p->mem, struct nn_buffer, 1);
	b->size_class = least;
	b->first = p->floats;
	p->floats += class_floats(least);
	b->data = p->virtual ? NULL : arena_raw(p->mem, class_floats(least), sizeof(float));
	return b;
}

void nn_buffer_give(struct nn_pool_memory *p, struct nn_buffer *b)
{
	b->next = p->spare[b->size_class];
	p->spare[b->size_class] = b;
}
