/* A synthetic objective for searchers (csnas-tpe.md 3.12): two cells of four nodes in the direct encoding.
 *
 * Node i of a cell takes a pair of the i + 2 tensors before it and one of seven operations on each: three
 * decisions.  The value of an architecture is the sum of a random utility of each (cell, node, source,
 * operation), and at half scale of random terms for each pair of operations inside a node and for each
 * pair of first operations of two nodes of a cell; all are standard normal.  Reported in standard
 * deviations of random architectures above their mean. */
#ifndef TESTS_COMMON_SEARCH_CELLS_H
#define TESTS_COMMON_SEARCH_CELLS_H

#include <math.h>
#include "tests/common/search/flat.h"

enum { CELLS = 2, CELL_NODES = 4, CELL_OPS = 7, CELLS_DECISIONS = CELLS * CELL_NODES * 3, CELLS_SAMPLE = 2000 };

struct cells {
	double edge[CELLS][CELL_NODES][CELL_NODES + 1][CELL_OPS];
	double inside[CELLS][CELL_NODES][CELL_OPS][CELL_OPS];
	double across[CELLS][CELL_NODES][CELL_NODES][CELL_OPS][CELL_OPS];
	double mean, sd;
};

static inline struct space *cells_space(struct arena *arena)
{
	struct space *s = flat_space(arena, CELLS_DECISIONS, CELL_OPS);
	struct decision *d = ARENA_NEW(arena, struct decision, CELLS_DECISIONS);

	for (int i = 0; i < CELLS_DECISIONS; i++) {
		int node = i / 3 % CELL_NODES;

		d[i] = (struct decision){ "d", i % 3 ? CELL_OPS : (node + 2) * (node + 1) / 2, NULL };
		for (int c = 0; c < SPACE_MAX_CHOICES; c++)
			s->mask[i][c] = c < d[i].choices;
	}
	s->decision = d;
	return s;
}

static inline double cells_raw(const struct cells *z, const uint8_t *code)
{
	double sum = 0;

	for (int c = 0; c < CELLS; c++)
		for (int n = 0; n < CELL_NODES; n++) {
			const uint8_t *g = code + (c * CELL_NODES + n) * 3;
			int a = 0, b = 1;

			for (int pair = g[0]; pair > 0; pair--)         /* 01 02 12 03 13 23 ... */
				if (++a == b) {
					a = 0;
					b++;
				}
			sum += z->edge[c][n][a][g[1]] + z->edge[c][n][b][g[2]] + 0.5 * z->inside[c][n][g[1]][g[2]];
			for (int m = 0; m < n; m++)
				sum += 0.5 * z->across[c][m][n][code[(c * CELL_NODES + m) * 3 + 1]][g[1]];
		}
	return sum;
}

static inline double cells_value(const struct cells *z, const uint8_t *code)
{
	return (cells_raw(z, code) - z->mean) / z->sd;
}

static inline void cells_fill(double *to, size_t count, struct rng *r)
{
	for (size_t i = 0; i < count; i++)
		to[i] = rng_normal(r);
}

static inline void cells_init(struct cells *z, const struct space *s, uint64_t seed)
{
	struct rng r = rng_stream(seed, "test/cells", 0, 0, 0);
	double sum = 0, squares = 0;

	cells_fill(&z->edge[0][0][0][0], sizeof z->edge / sizeof(double), &r);
	cells_fill(&z->inside[0][0][0][0], sizeof z->inside / sizeof(double), &r);
	cells_fill(&z->across[0][0][0][0][0], sizeof z->across / sizeof(double), &r);
	for (int i = 0; i < CELLS_SAMPLE; i++) {
		uint8_t code[CELLS_DECISIONS];
		double v;

		space_uniform(s, &r, code);
		v = cells_raw(z, code);
		sum += v;
		squares += v * v;
	}
	z->mean = sum / CELLS_SAMPLE;
	z->sd = sqrt(squares / CELLS_SAMPLE - z->mean * z->mean);
}

/* Best value after n trials asked for in batches, each told before the next; h: room for n. */
static inline double cells_search(const struct strategy *strategy, const struct strategy_settings *set, const struct space *s,
                                  const struct cells *z, struct history *h, int n, int batch, struct arena *arena)
{
	double best = -INFINITY;

	h->decisions = s->decisions;
	while (h->count < n) {
		int64_t size = n - h->count < batch ? n - h->count : batch;
		struct history p = { .decisions = s->decisions, .round = 1, .phase = 1 };
		struct ask a = { s, h, set, arena, h->count, &p };

		p.trial = ARENA_NEW(arena, struct trial, size);
		if (strategy_run(strategy, &a, size) < 0 || p.count != size)
			return NAN;
		for (int64_t i = 0; i < size; i++) {
			double v = cells_value(z, p.trial[i].code);

			flat_tell(h, s, arena, p.trial[i].code, 1, v);
			best = fmax(best, v);
		}
	}
	return best;
}

#endif
