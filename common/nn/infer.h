/* Inference: forward with fixed batch-norm statistics and nothing to learn.
 *
 * No number of one image then depends on another image, so each worker takes a chunk of images through the
 * whole graph by itself, without barriers.  Three things keep its numbers near the core:
 *
 *   units      a convolution, the batch-norm that is its only reader and the sum that is that one's only reader
 *              run as one operator: the producer applies scale, shift, activation and sum to what it has just written
 *   segments   runs of units that take the chunk piece by piece, as few images at a time as matrix products bear;
 *              tensors that only the segment itself reads are a piece small
 *   buffers    of a worker, planned once for all: whole ones (a chunk of images) and small ones (a piece)
 *
 * A whole buffer is given back at the end of the segment that reads it last, because earlier units of that
 * segment will read the chunk's later images. */
#ifndef NN_INFER_H
#define NN_INFER_H

#include "nn/bound.h"

struct nn_unit {
	int node;                    /* the operator that runs */
	int affine;                  /* what is folded into it: an affine operator, or -1 */
	int sum;                     /*   and a sum, or -1 */
	int addend;                  /*   with this node, or -1 */
	int out;                     /* the node whose value the unit leaves: the last of these */
	int64_t piece;               /* images at a time */
	int segment;
};

/* Where the value of a unit's `out` is in the memory of a worker. */
struct nn_home { size_t first; bool whole; };

struct nn_inference {
	struct nn_unit *unit;        /* in the order of the walk */
	int units;
	struct nn_home *home;        /* per node */
	struct affine *affine;    /* per node; of the affine operators */
	int64_t chunk;               /* images of a worker's turn */
	size_t floats;               /* memory of a worker */
	float *memory;               /* of all workers */
};

/* The plan of a net, in the step arena. */
struct nn_inference *nn_infer_plan(struct nn_net *net);
/* nn_forward(net, NN_BN_FIXED) of a net without gradients. */
int nn_infer(struct nn_net *net);

#endif
