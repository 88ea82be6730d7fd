/* Parameters: a store of named tensors, and views of them. */
#include "nn/store.h"

#include <string.h>
#include "base/err.h"
#include "base/hash.h"

struct nn_store *nn_store_new(struct arena *mem)
{
	struct nn_store *s = ARENA_NEW(mem, struct nn_store, 1);
	s->mem = mem;
	return s;
}

struct nn_param *nn_store_find(const struct nn_store *s, const char *name)
{
	uint64_t hash = hash64_text(name), probe = hash;
	for (int k; (k = nn_index_next(&s->names, hash, &probe)) >= 0; )
		if (!strcmp(s->param[k]->name, name))
			return s->param[k];
	return NULL;
}

struct nn_param *nn_store_twin(const struct nn_store *s, const struct nn_param *p)
{
	/* stores made by nn_store_like have the same order */
	if (p->index < s->count && !strcmp(s->param[p->index]->name, p->name))
		return s->param[p->index];
	return nn_store_find(s, p->name);
}

struct nn_param *nn_store_add(struct nn_store *s, const char *name, const int64_t shape[4],
                              enum nn_init init, bool decay, int group)
{
	struct nn_param *p = nn_store_find(s, name);
	if (p) {
		if (memcmp(p->shape, shape, sizeof p->shape)) {
			err_set(ERR_DATA, "parameter %s: shape %ld x %ld x %ld x %ld, but the store has it as "
			        "%ld x %ld x %ld x %ld; one name is one tensor", name, (long)shape[0], (long)shape[1],
			        (long)shape[2], (long)shape[3], (long)p->shape[0], (long)p->shape[1],
			        (long)p->shape[2], (long)p->shape[3]);
			return NULL;
		}
		return p;
	}
	ARENA_GROW(s->mem, s->param, s->count, s->capacity, 64);
	p = ARENA_NEW(s->mem, struct nn_param, 1);
	p->name = arena_strdup(s->mem, name);
	memcpy(p->shape, shape, sizeof p->shape);
	p->count = shape[0] * shape[1] * shape[2] * shape[3];
	p->data = ARENA_NEW(s->mem, float, p->count);
	p->init = init;
	p->decay = decay;
	p->group = group;
	p->index = s->count;
	nn_index_put(&s->names, s->mem, hash64_text(name), s->count);
	s->param[s->count++] = p;
	return p;
}

struct nn_store *nn_store_like(struct arena *mem, const struct nn_store *s)
{
	struct nn_store *like = nn_store_new(mem);
	for (int i = 0; i < s->count; i++) {
		const struct nn_param *p = s->param[i];
		nn_store_add(like, p->name, p->shape, p->init, p->decay, p->group);
	}
	return like;
}

void nn_store_zero(struct nn_store *s)
{
	for (int i = 0; i < s->count; i++)
		memset(s->param[i]->data, 0, (size_t)s->param[i]->count * sizeof(float));
}

void nn_store_copy(struct nn_store *to, const struct nn_store *from)
{
	for (int i = 0; i < to->count; i++) {
		const struct nn_param *p = nn_store_twin(from, to->param[i]);
		memcpy(to->param[i]->data, p->data, (size_t)p->count * sizeof(float));
	}
}

void nn_touched_add(struct nn_touched *t, struct nn_param *p, const int64_t offset[4],
                    const int64_t extent[4])
{
	uint64_t hash = hash64(&p, sizeof p), probe = hash;
	for (int k; (k = nn_index_next(&t->index, hash, &probe)) >= 0; ) {
		const struct nn_touch *have = &t->touch[k];
		if (have->param == p && !memcmp(have->offset, offset, sizeof have->offset) &&
		    !memcmp(have->extent, extent, sizeof have->extent))
			return;
	}
	ARENA_GROW(t->mem, t->touch, t->count, t->capacity, 128);
	struct nn_touch *touch = &t->touch[t->count];
	touch->param = p;
	memcpy(touch->offset, offset, sizeof touch->offset);
	memcpy(touch->extent, extent, sizeof touch->extent);
	nn_index_put(&t->index, t->mem, hash, t->count++);
}

struct nn_box nn_box(const int64_t shape[4], const int64_t offset[4], const int64_t extent[4])
{
	struct nn_box b = { .runs = 1, .length = 1 };
	memcpy(b.shape, shape, sizeof b.shape);
	memcpy(b.offset, offset, sizeof b.offset);
	memcpy(b.extent, extent, sizeof b.extent);
	/* from the innermost dimension outwards: a run goes on as long as all dimensions inside are whole */
	bool whole = true;
	for (int d = 3; d >= 0; d--) {
		if (whole)
			b.length *= extent[d];
		else
			b.runs *= extent[d];
		whole = whole && extent[d] == shape[d];
	}
	return b;
}

int64_t nn_box_run(const struct nn_box *b, int64_t r)
{
	int64_t at = 0, stride = 1, inside = 1;
	for (int d = 3; d >= 0; d--) {
		int64_t i = b->offset[d];
		if (inside >= b->length) {       /* a dimension that runs count */
			i += r % b->extent[d];
			r /= b->extent[d];
		}
		inside *= b->extent[d];
		at += i * stride;
		stride *= b->shape[d];
	}
	return at;
}
