/* Windows that slide over rows and columns: what convolutions and poolings share. */
#ifndef NN_WINDOW_H
#define NN_WINDOW_H

#include "nn/op.h"

/* Geometry of a convolution of `images` images from its attributes sh, sw (stride, 1), dilation (1), ph, pw
 * ((k - 1) dilation / 2) and groups (1); in[1] is the weight (oc, kh, kw, c / groups).  oh, ow may be < 1. */
struct conv_geom nn_conv_geom(const struct nn_node *n, struct nn_shape x, struct nn_shape w, int64_t images);
/* Of a pooling: k (2), stride (k), pad ((k - 1) / 2). */
struct pool_geom nn_pool_geom(const struct nn_node *n, struct nn_shape x, int64_t images);
int nn_pool_shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out);
extern const struct nn_example nn_pool_examples[];

#endif
