/* A space of its own for tests of search: decisions without a network, every code canonical. */
#ifndef TESTS_COMMON_SEARCH_FLAT_H
#define TESTS_COMMON_SEARCH_FLAT_H

#include <string.h>
#include "search/strategy.h"

static inline void flat_canonical(const struct space *s, const uint8_t *in, uint8_t *out)
{
	memmove(out, in, (size_t)s->decisions);
}

/* A graph of one pooling node: costs nothing, so that strategies can ask. */
static inline int flat_build(const struct space *s, const uint8_t *code, struct nn_graph *g)
{
	int x = nn_graph_input(g, "image", 1, 1, 1);

	(void)s, (void)code;
	return nn_graph_op(g, "globalpool", "pool", 1, &x, 0, NULL);
}

static inline struct space *flat_space(struct arena *arena, int decisions, int choices)
{
	static const struct space_type type = { .name = "flat", .canonical = flat_canonical, .build = flat_build };
	struct decision *d = ARENA_NEW(arena, struct decision, decisions);
	struct space *s = ARENA_NEW(arena, struct space, 1);

	*s = (struct space){ .type = &type, .decisions = decisions, .decision = d, .mem = arena };
	for (int i = 0; i < decisions; i++) {
		d[i] = (struct decision){ "d", choices, NULL };
		for (int c = 0; c < choices; c++)
			s->mask[i][c] = true;
	}
	return s;
}

/* Appends a trial that is done with this score (NaN: pending). */
static inline struct trial *flat_tell(struct history *h, const struct space *s, struct arena *arena, const uint8_t *code,
                                      int32_t phase, double score)
{
	uint8_t *copy = ARENA_NEW(arena, uint8_t, s->decisions);
	struct trial *t = &h->trial[h->count];

	memcpy(copy, code, (size_t)s->decisions);
	h->decisions = s->decisions;
	*t = (struct trial){ .id = h->count, .origin = -1, .round = 1, .phase = phase, .code = copy, .score = score,
	                     .status = score == score ? TRIAL_DONE : TRIAL_PENDING };
	h->count++;
	return t;
}

#endif
