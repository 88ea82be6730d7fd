/* Many graphs as one, for evaluation: what several of them compute is computed once.
 *
 * Two nodes are the same when operator, attributes and inputs are, parameters when they are the same view of
 * the same tensor, inputs when they have the same name and shape; what a node is called does not matter.  So
 * networks of one space share their common beginnings, whatever the space looks like inside.
 *
 * The merged graph computes the same numbers as its parts, batch-norm statistics included: a shared operator
 * sees the same input.  Its operators have unique names ("layer3/mb6_k5/expand/bn",
 * "layer3/mb6_k5/expand/bn#2"), and statistics go by them.  Random operators (dropout) of merged training
 * would see other streams: it is for evaluation.
 *
 * Nodes are ordered such that a branch ends before the next one begins: the memory of a walk is that of one
 * network and one held activation for each place on the way where networks part. */
#ifndef NN_MERGE_H
#define NN_MERGE_H

#include "nn/graph.h"

/* Outputs of graph k are called nn_merge_name(mem, k, name).  Only those in `outputs` (ends with NULL) are
 * taken, and what they depend on.  NULL after err_set: a graph without one of them. */
struct nn_graph *nn_merge(struct arena *mem, int count, const struct nn_graph *const *graphs,
                          const char *const *outputs);
const char *nn_merge_name(struct arena *mem, int graph, const char *output);

#endif
