/* Embeddings as directions: points of the unit sphere.  In double. */
#ifndef CONTRAST_SPHERE_H
#define CONTRAST_SPHERE_H

#include <stdint.h>

/* a . b, both (dim), in 16 lanes, so that the order of additions is ours and not the compiler's. */
double sphere_dot(int64_t dim, const double *a, const double *b);

/* z (rows, dim) = rows of out, each of length one; norm (rows): their lengths, at least 1e-8. */
void sphere_project(int64_t rows, int64_t dim, const float *out, double *z, double *norm);

/* dx (dim) = gradient of a row before that, from the gradient dz of its direction z: (dz - (dz . z) z) / norm. */
void sphere_gradient(int64_t dim, const double *z, double norm, const double *dz, float *dx);

#endif
