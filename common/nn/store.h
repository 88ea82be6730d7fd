/* Parameters: a store of named tensors.
 *
 * A parameter has four dimensions (out, row, column, in); vectors are (1, 1, 1, c).  Two networks
 * share a weight exactly when they use the same name, or a view of it.  Values, gradients, optimiser
 * slots, look-ahead and averaged weights are all stores with the same names. */
#ifndef NN_STORE_H
#define NN_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "nn/index.h"

enum nn_init { NN_INIT_ZERO, NN_INIT_ONE, NN_INIT_HE, NN_INIT_XAVIER };

struct nn_view {                     /* a box inside a named tensor; extent 0 = all of it */
	const char *name;
	int64_t offset[4], extent[4];
};

struct nn_param {
	const char *name;
	int64_t shape[4];
	int64_t count;               /* product of shape */
	float *data;                 /* count floats, row-major */
	enum nn_init init;
	bool decay;                  /* weight decay applies: not for batch-norm and bias */
	int group;                   /* optimiser group: 0 weights, 1.. as regimes define */
	int index;                   /* position in the store */
};

struct nn_store {
	struct arena *mem;
	struct nn_param **param;     /* in order of creation */
	int count;
	int capacity;
	struct nn_index names;
};

struct nn_store *nn_store_new(struct arena *mem);
struct nn_param *nn_store_find(const struct nn_store *s, const char *name);
/* Finds or creates (zeros).  NULL after err_set when it exists with another shape. */
struct nn_param *nn_store_add(struct nn_store *s, const char *name, const int64_t shape[4],
                              enum nn_init init, bool decay, int group);
/* Same names and shapes, zeros. */
struct nn_store *nn_store_like(struct arena *mem, const struct nn_store *s);
void nn_store_zero(struct nn_store *s);
void nn_store_copy(struct nn_store *to, const struct nn_store *from);   /* same names required */

/* Fills one parameter, or all, from streams keyed by (seed, "init/<name>"): independent of order.
 * He: normal, variance 2 / fan_out, fan_out = kh kw oc (He et al. 2015, eq. 14).  Xavier: uniform,
 * +- sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16). */
void nn_init_param(struct nn_param *p, uint64_t seed);
void nn_init_store(struct nn_store *s, uint64_t seed);

/* Which views took part in a step; optimisers touch nothing else.  `param` belongs to the gradient
 * store; each distinct view is listed once, in the order in which graphs were bound. */
struct nn_touched {
	struct arena *mem;
	struct nn_touch { struct nn_param *param; int64_t offset[4], extent[4]; } *touch;
	int count, capacity;
	struct nn_index index;       /* by param */
};
void nn_touched_add(struct nn_touched *t, struct nn_param *p, const int64_t offset[4],
                    const int64_t extent[4]);

/* A box as contiguous runs of floats: `runs` of them, `length` each; run r starts nn_box_run() floats
 * into the tensor.  A whole tensor is one run. */
struct nn_box { int64_t shape[4], offset[4], extent[4], runs, length; };
struct nn_box nn_box(const int64_t shape[4], const int64_t offset[4], const int64_t extent[4]);
int64_t nn_box_run(const struct nn_box *b, int64_t r);

/* The parameter of the same name in another store of the same names; NULL when it is not there. */
struct nn_param *nn_store_twin(const struct nn_store *s, const struct nn_param *p);

#endif
