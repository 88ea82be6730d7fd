/* Candidates that are evaluated as one graph (nn/merge.h). */
#ifndef STAGES_EVALUATE_GROUP_H
#define STAGES_EVALUATE_GROUP_H

#include <stdbool.h>
#include "base/arena.h"
#include "nn/net.h"
#include "stages/evaluate/classmean.h"

/* One candidate and what is summed over its batches. */
struct contestant {
	const uint8_t *code;
	const struct nn_graph *graph;
	const char *out, *feature;   /* its outputs of the group's graph */
	struct classmean *classes;   /* NULL when no features are looked at */
	double loss;                 /* of the objective, times images */
	double label_loss;           /* with labels, times rows */
	int64_t images, rows, correct;
};

struct group {
	struct contestant **member;
	int64_t count;
	const struct nn_graph *graph;
	struct nn_stats *stats;
};

struct groups { int64_t count; struct group *group; };

/* Deals contestants (their codes of `decisions` choices and their graphs are set) into groups of neighbours;
 * sets out and feature.  rows: of a batch; together: most members of a group, 0 = what GROUP_BYTES hold. */
int groups_make(struct groups *g, struct contestant *c, int64_t count, int decisions, bool features,
                int64_t rows, int64_t together, struct arena *mem);

#endif
