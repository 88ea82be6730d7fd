/* Reference element-wise arithmetic, rows and columns. */
#include "tensor/cpu_ref.h"

void ref_add(int64_t rows, int64_t c, const float *a, const struct affine *ia, const float *b,
             const struct affine *ib, float *y)
{
	for (int64_t r = 0; r < rows; r++)
		for (int64_t j = 0; j < c; j++)
			*y++ = (float)(ref_affine(ia, *a++, j) + ref_affine(ib, *b++, j));
}

void ref_axpby(int64_t count, float alpha, const float *x, float beta, float *y)
{
	for (int64_t i = 0; i < count; i++)
		y[i] = (float)((double)alpha * x[i] + (beta == 0 ? 0 : (double)beta * y[i]));
}

void ref_mul(int64_t count, const float *a, const float *b, float beta, float *y)
{
	for (int64_t i = 0; i < count; i++)
		y[i] = (float)((double)a[i] * b[i] + ref_keep(beta, y[i]));
}

void ref_copy_rows(int64_t rows, int64_t c, const float *x, int64_t x_step, const struct affine *in,
                   float beta, float *y, int64_t y_step)
{
	for (int64_t r = 0; r < rows; r++, x += x_step, y += y_step)
		for (int64_t j = 0; j < c; j++)
			y[j] = (float)(ref_affine(in, x[j], j) + ref_keep(beta, y[j]));
}

void ref_row_add(int64_t rows, int64_t c, const float *bias, float *y)
{
	for (int64_t r = 0; r < rows; r++)
		for (int64_t j = 0; j < c; j++)
			*y++ += bias[j];
}

void ref_col_sums(int64_t rows, int64_t c, const float *x, double *sums)
{
	for (int64_t j = 0; j < c; j++)
		sums[j] = 0;
	for (int64_t r = 0; r < rows; r++)
		for (int64_t j = 0; j < c; j++)
			sums[j] += *x++;
}

void ref_chan_scale(int64_t n, int64_t rows, int64_t c, const float *x, const float *s, float beta, float *y)
{
	for (int64_t i = 0; i < n; i++)
		for (int64_t r = 0; r < rows; r++)
			for (int64_t j = 0; j < c; j++, y++)
				*y = (float)((double)*x++ * s[i * c + j] + ref_keep(beta, *y));
}

void ref_chan_dot(int64_t n, int64_t rows, int64_t c, const float *x, const float *dy, float beta, float *ds)
{
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < c; j++, ds++) {
			double sum = ref_keep(beta, *ds);

			for (int64_t r = 0; r < rows; r++)
				sum += (double)x[(i * rows + r) * c + j] * dy[(i * rows + r) * c + j];
			*ds = (float)sum;
		}
}
