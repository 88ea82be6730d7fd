/* A bound network: a graph with memory, weights and a batch, ready to run.
 *
 *   nn_ctx_reset(ctx)                      start of a step: the step arena is empty again
 *   net = nn_bind(ctx, graph, values, grads, batch)     any number of nets in one step
 *   memcpy(nn_input(net, "image"), ...)    or nn_set_input to lend a buffer
 *   nn_forward(net, mode)
 *   nn_output(net, "logits")               (batch, h, w, c)
 *   fill nn_seed(net, "logits"), nn_backward(net)       gradients are added to the grads store
 *
 * Values and gradients are arguments, so one graph runs on look-ahead, averaged or a teacher's weights.
 * Results are the same bits for every thread count (work is cut by images, sums meet in reduce.h). */
#ifndef NN_NET_H
#define NN_NET_H

#include "base/pool.h"
#include "nn/graph.h"
#include "tensor/backend.h"
#include "tensor/reduce.h"

#define NN_SLICE 8               /* images per slice */

enum nn_bn_mode {
	NN_BN_BATCH,             /* statistics of this batch */
	NN_BN_ACCUMULATE,        /* the same, and added to the statistics of the net (recalibration) */
	NN_BN_FIXED,             /* the accumulated ones: mean of batch means, mean of batch (biased) variances */
};

/* Batch-norm statistics, keyed by the call site's name. */
struct nn_stats {
	struct arena *mem;
	struct nn_stat { const char *name; int64_t c; double *mean, *var; int64_t batches; } *stat;
	int count, capacity;
	struct nn_index names;
};
struct nn_stats *nn_stats_new(struct arena *mem);
struct nn_stat *nn_stats_find(const struct nn_stats *s, const char *name);
struct nn_stat *nn_stats_add(struct nn_stats *s, const char *name, int64_t c);   /* finds or creates (zero);
                                                                   NULL after err_set: other c */

struct nn_ctx {                  /* one per process */
	struct pool *pool;
	const struct backend *be;
	struct comm *comm;
	struct arena *step;
	struct nn_touched touched;   /* since the last nn_ctx_reset */
	uint64_t seed;               /* of dropout and drop-path streams */
	int64_t step_number;         /* epoch field of those streams */
	struct arena_mark start;     /* the empty step arena */
	struct arena_mark touched_start;
	struct nn_ctx **worker;      /* each thread's own context, without a pool: for work that a thread does alone */
	int workers;                 /* as many as the pool has threads, at least 1; 0 in a worker's own context */
	/* Where the time goes: when set, called before (after = false) and after each run of an operator. */
	void (*watch)(void *arg, const struct nn_node *n, bool backward, bool after);
	void *watch_arg;
};
struct nn_ctx *nn_ctx_new(struct arena *mem, struct pool *pool, const struct backend *be);
void nn_ctx_reset(struct nn_ctx *ctx);
void nn_ctx_free(struct nn_ctx *ctx);

struct nn_net;
/* grads NULL: forward only (less memory).  Missing values: ERR_INTERNAL naming the parameter.  NULL on error. */
struct nn_net *nn_bind(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values,
                       struct nn_store *grads, int64_t batch);
float *nn_input(struct nn_net *net, const char *name);
void nn_set_input(struct nn_net *net, const char *name, const float *data);    /* lent until the next reset */
void nn_set_training(struct nn_net *net, bool training);    /* dropout and drop-path act; default: grads != NULL */
void nn_set_stats(struct nn_net *net, struct nn_stats *stats);      /* for ACCUMULATE and FIXED */
int nn_forward(struct nn_net *net, enum nn_bn_mode mode);
const float *nn_output(struct nn_net *net, const char *name, struct nn_shape *shape);  /* shape.n = batch */
float *nn_seed(struct nn_net *net, const char *output);     /* gradient of that output, zero at first */
int nn_backward(struct nn_net *net);

/* For nn_stats: divides the accumulated sums, between ACCUMULATE passes and FIXED use; once is enough
 * (batches becomes 1), a second call changes nothing. */
void nn_stats_finish(struct nn_stats *s);

#endif
