/* An operator: one file in nn/ops/, one const struct, forward and backward on one screen.
 *
 * An operator sees the whole batch and cuts it itself: nn_chunks() gives ranges of images (whole
 * slices, so that GEMMs are big enough), nn_parallel() runs one function per chunk.  Chunks depend on
 * the geometry only, never on the thread count.
 *
 * Gradients: parameters are always added (through reduce_add of partials); for activations
 * c->beta[i] says whether in[i]->grad holds something already (1) or must be set (0);
 * in[i]->grad == NULL: not wanted.  When one tensor is several inputs, the later ones have beta 1: write
 * gradients in the order of inputs. */
#ifndef NN_OP_H
#define NN_OP_H

#include "base/plugin.h"
#include "nn/graph.h"
#include "nn/net.h"

/* Partial results of chunks, chunks x channels, from operators that make them on the way to the one that
 * merges them. */
struct nn_partials { int64_t chunks, *rows; double *a, *b; };

/* A tensor may be lazy (tensor/backend.h): the output of a batch-norm is its input's data and what readers
 * are to apply, the gradient of its input is that of its output and what is still to be done. */
struct nn_tensor {
	float *data, *grad;
	struct nn_shape shape;               /* shape.n = batch for activations */
	struct affine meant;                 /* of data */
	struct norm_grad unfinished;         /* of grad */
	struct nn_partials *moments;         /* wanted of the producer: mean and M2 of data.  NULL = not wanted */
	struct nn_partials *sums;            /* of the reader that is told to `finish`: sum_g and sum_gx of grad, */
	const float *mean;                   /*   x being data around this mean */
};

/* What an operator does to the values that it has just written: the affine map, then + add (shaped like them,
 * or NULL). */
struct nn_epilogue { struct affine affine; const float *add; };

struct nn_call {
	const struct nn_node *node;
	int n_in;
	struct nn_tensor **in;
	float *beta;                 /* per input, backward */
	struct nn_tensor *out;
	float *keep;                 /* kept from forward to backward, op->keep floats */
	const struct nn_epilogue *after;     /* inference, operators with `epilogue`; NULL = nothing */
	bool lazy;                   /* forward, op->affine: store nothing, set out->meant and out->mean */
	bool lazy_grad;              /* backward, op->normalises: store nothing, set grad and unfinished of in[0] */
	bool finish;                 /* backward, op->fuses: take the gradient of in[0] through its activation, leave its sums */
	bool finished;               /* backward, op->affine: out->grad has been through the activation, out->sums hold */
	struct nn_ctx *ctx;
	struct nn_net *net;
	enum nn_bn_mode bn_mode;
	bool training;
};

/* Shapes over which every operator is checked against finite differences and across backends. */
struct nn_example {
	int n_in;
	struct nn_shape in[4];       /* activations: n = batch; parameters: as they are */
	unsigned params;             /* bit i: in[i] is a parameter */
	struct nn_attr attr[10];
	double offset;               /* added to activations; 0 normally (batch-norm far from zero) */
	double tolerance;            /* relative, for the gradient check; 0 = 2e-3 */
	bool distinct;               /* activations must lie apart from each other (maxima) */
};

enum { NN_MAX_IN = 16 };             /* inputs of one operator */
enum { NN_NEEDS_OUT = 1 << NN_MAX_IN };     /* bits of op->needs: bit i = backward reads in[i]->data */

struct nn_op {
	PLUGIN_HEAD;
	int min_in, max_in;
	unsigned needs;
	unsigned params;         /* bit i: in[i] is a parameter (or computed from parameters); the others are alike */
	int (*shape)(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out);  /* per image; err_set on mismatch */
	int64_t (*macs)(const struct nn_node *n, const struct nn_shape *in);     /* per image; NULL = 0 */
	size_t (*keep)(const struct nn_node *n, const struct nn_shape *in, int64_t batch);       /* NULL = 0 */
	int (*forward)(struct nn_call *c);
	int (*backward)(struct nn_call *c);
	/* With fixed statistics the operator is this map of in[0]; coefficients are left in c->keep.  NULL = it never is. */
	int (*affine)(struct nn_call *c, struct affine *a);
	bool epilogue;           /* forward does c->after */
	unsigned reads_affine;   /* bit i: applies in[i]->meant; all other inputs must be stored as they are meant */
	bool normalises;         /* op->affine: wants in[0]->moments, and leaves its gradient unfinished */
	bool fuses;              /* leaves out->moments, reads out->unfinished, can `finish` in[0] */
	bool passes;             /* the gradient of every input is that of the output (nothing to do where they share memory) */
	int min_rows;            /* output rows (images x h x w) below which a call is wasteful; 0 = any number will do */
	const struct nn_example *examples;       /* ends with n_in == 0 */
};

extern const struct nn_op *const nn_op_table[];

/* Chunks of a batch such that each holds at least min_rows rows of rows_per_image, in whole slices. */
struct nn_chunks { int64_t count, images; };        /* the last chunk may be shorter */
struct nn_chunks nn_chunk(int64_t batch, int64_t rows_per_image, int64_t min_rows);
/* fn(arg, chunk, worker) for all chunks; scratch of `floats` per worker is handed out by nn_scratch. */
void nn_parallel(struct nn_ctx *ctx, int64_t chunks, pool_fn *fn, void *arg);
/* `floats` floats for each worker of the pool, from the step arena: base + worker * stride. */
float *nn_scratch(struct nn_ctx *ctx, size_t floats, size_t *stride);
/* Calls fn(arg, from, images) style work on whole chunks: first image and number of images of chunk k. */
static inline int64_t nn_chunk_first(struct nn_chunks k, int64_t chunk) { return chunk * k.images; }
static inline int64_t nn_chunk_images(struct nn_chunks k, int64_t chunk, int64_t batch)
{
	int64_t left = batch - chunk * k.images;
	return left < k.images ? left : k.images;
}
/* Partials of all chunks (chunks x count) -> gradient of in[i], added, or set when c->beta[i] is 0. */
int nn_reduce_grad(struct nn_call *c, int i, float *parts, int64_t chunks, int64_t count);
/* The same for sums in double, each times factor[j] (NULL = 1). */
void nn_add_grad(struct nn_call *c, int i, const double *sums, const double *factor, int64_t count);
/* Sums over chunks in chunk order, on all ranks. */
int nn_reduce_sums(struct nn_ctx *ctx, double *out, double *parts, int64_t chunks, int64_t count);
/* Statistics that batch-norm works with in this mode (see net.h). */
struct nn_stats *nn_net_stats(struct nn_net *net);

#endif
