/* Statistics merged in double: Chan, Golub and LeVeque 1983. */
#ifndef TENSOR_KERNELS_MOMENTS_H
#define TENSOR_KERNELS_MOMENTS_H

#include "tensor/kernels/kernel.h"

/* Float sums of x - shift and (x - shift)^2 over m numbers of each of n channels join (mean, m2) of the
 * `before` numbers that came earlier; around a shift close to the mean, so that a mean of 1,000 standard
 * deviations costs no digits (section 3). */
INLINE void merge_moments(int64_t before, int64_t m, const float *shift, const float *sum, const float *squares, int64_t n,
                          double *mean, double *m2)
{
	double part = (double)m / (double)(before + m), both = part * (double)before;

	for (int64_t j = 0; j < n; j++) {
		double off = sum[j] / (double)m, d = shift[j] + off - mean[j];

		m2[j] += squares[j] - sum[j] * off + d * d * both;
		mean[j] += d * part;
	}
}

#endif
