/* The run of a convolution over the chunks of a batch, dense and depthwise alike. */
#ifndef NN_CONVOLVE_H
#define NN_CONVOLVE_H

#include "nn/op.h"

/* One kind of convolution: the primitives of a backend, and the least number of output pixels in a chunk. */
struct nn_convolver {
	int64_t min_rows;
	size_t (*scratch)(const struct conv_geom *g);
	void (*fwd)(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
	void (*bwd)(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);
};

/* in[0] the images, in[1] the weight.  The weight gradient has one partial per chunk of images. */
int nn_convolve_forward(struct nn_call *c, const struct nn_convolver *v);
int nn_convolve_backward(struct nn_call *c, const struct nn_convolver *v);

#endif
