#include "tensor/reduce.h"

static int gather_local(struct comm *c, void *parts, int64_t chunks, size_t bytes)
{
	(void)c;
	(void)parts;
	(void)chunks;
	(void)bytes;
	return 0;
}

struct comm comm_local = { .rank = 0, .size = 1, .gather = gather_local };

/* Strips of columns: the running sums stay in the first-level cache while the chunks go by. */
enum { STRIP = 512 };

void reduce_add(float *dst, const float *parts, int64_t chunks, int64_t count)
{
	reduce_add_strided(dst, parts, chunks, count, count);
}

void reduce_add_strided(float *dst, const float *parts, int64_t chunks, int64_t count, int64_t stride)
{
	for (int64_t i = 0; i < count; i += STRIP) {
		int64_t n = count - i < STRIP ? count - i : STRIP;
		double sum[STRIP];

		for (int64_t j = 0; j < n; j++)
			sum[j] = dst[i + j];
		for (int64_t k = 0; k < chunks; k++) {
			const float *p = parts + k * stride + i;

			for (int64_t j = 0; j < n; j++)
				sum[j] += p[j];
		}
		for (int64_t j = 0; j < n; j++)
			dst[i + j] = (float)sum[j];
	}
}

void reduce_moments(int64_t chunks, int64_t c, const int64_t *rows, const double *mean, const double *m2,
                    double *mean_out, double *m2_out)
{
	double n = 0;

	for (int64_t j = 0; j < c; j++)
		mean_out[j] = m2_out[j] = 0;
	for (int64_t k = 0; k < chunks; k++) {
		double m = (double)rows[k];

		if (rows[k] == 0)
			continue;
		for (int64_t j = 0; j < c; j++) {
			double d = mean[k * c + j] - mean_out[j];

			m2_out[j] += m2[k * c + j] + d * d * (n * m / (n + m));
			mean_out[j] += d * (m / (n + m));
		}
		n += m;
	}
}

void reduce_sums(double *out, const double *parts, int64_t chunks, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		out[i] = 0;
	for (int64_t k = 0; k < chunks; k++)
		for (int64_t i = 0; i < count; i++)
			out[i] += parts[k * count + i];
}
