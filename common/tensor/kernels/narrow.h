/* 1 x 1 convolutions of few channels (narrow.c). */
#ifndef TENSOR_KERNELS_NARROW_H
#define TENSOR_KERNELS_NARROW_H

#include "tensor/kernels/kernel.h"

bool KERNEL(is_narrow)(const struct conv_geom *g);
size_t KERNEL(narrow_scratch)(const struct conv_geom *g);
void KERNEL(narrow_fwd)(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
void KERNEL(narrow_bwd)(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);

#endif
