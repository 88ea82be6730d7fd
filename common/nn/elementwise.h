/* What element-wise operators share: their shape, their chunks, and the activations as a whole. */
#ifndef NN_ELEMENTWISE_H
#define NN_ELEMENTWISE_H

#include "nn/op.h"

/* Output like the first input; every input the same. */
int nn_same_shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out);

/* fn(c, first, count) on ranges of elements of the output, in parallel. */
void nn_each(struct nn_call *c, void (*fn)(struct nn_call *c, int64_t first, int64_t count));

int nn_act_forward(struct nn_call *c, enum act act);
int nn_act_backward(struct nn_call *c, enum act act);
extern const struct nn_example nn_act_examples[];

#endif
