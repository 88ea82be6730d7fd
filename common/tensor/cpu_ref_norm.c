/* Reference batch normalisation and activations. */
#include <math.h>
#include "tensor/cpu_ref.h"

static double clamp(double v, double low, double high)
{
	return v < low ? low : v > high ? high : v;
}

static double value(enum act act, double z)
{
	switch (act) {
	case ACT_RELU: return z < 0 ? 0 : z;
	case ACT_RELU6: return clamp(z, 0, 6);
	case ACT_SWISH: return z / (1 + exp(-z));
	case ACT_HSWISH: return z * clamp(z + 3, 0, 6) / 6;
	case ACT_SIGMOID: return 1 / (1 + exp(-z));
	case ACT_HSIGMOID: return clamp(z + 3, 0, 6) / 6;
	default: return z;
	}
}

/* Derivative; at a kink the one of the flat side. */
static double slope(enum act act, double z)
{
	double s;

	switch (act) {
	case ACT_RELU: return z > 0;
	case ACT_RELU6: return z > 0 && z < 6;
	case ACT_SWISH: s = 1 / (1 + exp(-z)); return s * (1 + z * (1 - s));
	case ACT_HSWISH: return z <= -3 ? 0 : z >= 3 ? 1 : (2 * z + 3) / 6;
	case ACT_SIGMOID: s = 1 / (1 + exp(-fabs(z))); return s * (1 - s);
	case ACT_HSIGMOID: return z > -3 && z < 3 ? 1.0 / 6 : 0;
	default: return 1;
	}
}

void ref_bn_stats(int64_t rows, int64_t c, const float *x, double *mean, double *m2)
{
	for (int64_t j = 0; j < c; j++) {
		double sum = 0, squares = 0;

		for (int64_t r = 0; r < rows; r++)
			sum += x[r * c + j];
		mean[j] = rows ? sum / (double)rows : 0;
		for (int64_t r = 0; r < rows; r++) {
			double d = x[r * c + j] - mean[j];

			squares += d * d;
		}
		m2[j] = squares;
	}
}

double ref_affine(const struct affine *in, float x, int64_t c)
{
	return in->scale ? value(in->act, (double)x * in->scale[c] + in->shift[c]) : x;
}

void ref_bn_apply(int64_t rows, int64_t c, const float *x, const struct affine *in, float *y)
{
	for (int64_t r = 0; r < rows; r++)
		for (int64_t j = 0; j < c; j++)
			*y++ = (float)ref_affine(in, *x++, j);
}

void ref_bn_bwd_sums(int64_t rows, int64_t c, const float *x, const struct affine *in, const float *mean,
                     float *g, double *sum_g, double *sum_gx)
{
	for (int64_t j = 0; j < c; j++)
		sum_g[j] = sum_gx[j] = 0;
	for (int64_t r = 0; r < rows; r++)
		for (int64_t j = 0; j < c; j++, x++, g++) {
			*g = (float)(*g * slope(in->act, (double)*x * in->scale[j] + in->shift[j]));
			sum_g[j] += *g;
			sum_gx[j] += *g * ((double)*x - mean[j]);
		}
}

void ref_bn_bwd_data(int64_t rows, int64_t c, const float *g, const struct norm_grad *n, float beta,
                     float *dx)
{
	const float *y = n->y;

	for (int64_t r = 0; r < rows; r++)
		for (int64_t j = 0; j < c; j++, y++, g++, dx++)
			*dx = (float)(ref_keep(beta, *dx) + (double)n->ka[j] * *g + n->kx[j] * ((double)*y - n->mean[j]) + n->k0[j]);
}

void ref_act_fwd(enum act act, int64_t count, const float *x, float *y)
{
	for (int64_t i = 0; i < count; i++)
		y[i] = (float)value(act, x[i]);
}

void ref_act_bwd(enum act act, int64_t count, const float *x, const float *dy, float beta, float *dx)
{
	for (int64_t i = 0; i < count; i++)
		dx[i] = (float)(ref_keep(beta, dx[i]) + dy[i] * slope(act, x[i]));
}
