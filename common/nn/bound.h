/* The inside of a bound net, for the files that walk it: net.c (training) and infer.c (fixed statistics). */
#ifndef NN_BOUND_H
#define NN_BOUND_H

#include "nn/op.h"
#include "nn/plan.h"

struct nn_state {                        /* of one node */
	bool live;                       /* some output depends on it */
	bool wants;                      /* a gradient reaches it: a parameter lies upstream */
	bool has;                        /* its gradient holds something (during backward) */
	bool is_output;
	int readers, first_reader;       /* live operators that read it (once per input), and the first of them */
	int source;                      /* whose data it is: its own, or that of a lazy batch-norm's input */
	bool lazy, lazy_grad;            /* of an affine operator: see struct nn_call */
	bool in_place;                   /* of a ReLU: the gradient of its input is that of its output */
	bool unfinished;                 /* its only reader is a batch-norm with lazy_grad */
	int merger;                      /* of what feeds batch-norms: the last of these, which merge its moments, or -1 */
	int finisher;                    /* of a lazy batch-norm: the reader that finishes its gradient, or -1 */
	bool finished;
	int reads;                       /* planning: readers to come in this direction */
	int backward_reads;
	struct nn_range *data, *grad, *partials;         /* planning: ranges held now */
	bool has_data, has_grad;         /* there are ranges: */
	size_t data_first, grad_first, moments_first, sums_first;
	float *keep;
	size_t keep_floats;
	struct nn_param *value, *gradient;       /* parameters */
};

struct nn_net {
	struct nn_ctx *ctx;
	const struct nn_graph *g;
	struct nn_tensor *tensor;        /* per node */
	struct nn_state *state;
	struct nn_stats *stats;
	float **seed;                    /* per output; NULL until asked for */
	int64_t batch;
	enum nn_bn_mode mode;
	bool learns;                     /* has a gradient store */
	bool training;
	bool planned;                    /* the walk of net.c has memory */
	struct nn_inference *inference;  /* the walk of infer.c, or NULL */
	enum { BOUND, FORWARD_DONE } progress;
};

/* What lives, who wants a gradient, who reads what; at binding. */
void nn_net_survey(struct nn_net *net);
/* Lazy tensors and memory, for the walk of net.c. */
void nn_net_plan(struct nn_net *net);

/* Forward or backward of one operator. */
int nn_run_op(struct nn_call *c, bool backward);

#endif
