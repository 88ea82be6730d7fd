/* Where results of chunks meet: the only place that adds across images.
 *
 * Each chunk of a batch leaves a partial; partials are added in chunk order, whichever thread made
 * them.  A comm gathers the partials of other ranks first, so that every rank count gives the same
 * bits; comm_local is one process. */
#ifndef TENSOR_REDUCE_H
#define TENSOR_REDUCE_H

#include <stddef.h>
#include <stdint.h>

struct comm {
	int rank, size;
	/* Makes parts[0 .. chunks-1] (each `bytes` long) complete on every rank; local: nothing to do. */
	int (*gather)(struct comm *c, void *parts, int64_t chunks, size_t bytes);
};
extern struct comm comm_local;

/* dst[i] += parts[0][i] + parts[1][i] + ..., added in this order in double, rounded once. */
void reduce_add(float *dst, const float *parts, int64_t chunks, int64_t count);
/* The same where part k starts at parts + k * stride: a span of a larger gradient. */
void reduce_add_strided(float *dst, const float *parts, int64_t chunks, int64_t count, int64_t stride);

/* Statistics of chunks (rows_k, mean_k, M2_k), c channels each, merged in chunk order: Chan, Golub and
 * LeVeque 1983, eq. 2.1.  mean and m2 hold chunks x c values; results in mean_out[c], m2_out[c]. */
void reduce_moments(int64_t chunks, int64_t c, const int64_t *rows, const double *mean, const double *m2,
                    double *mean_out, double *m2_out);

/* out[i] = parts[0][i] + parts[1][i] + ... in order */
void reduce_sums(double *out, const double *parts, int64_t chunks, int64_t count);

#endif
