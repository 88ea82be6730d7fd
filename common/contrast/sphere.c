#include "contrast/sphere.h"

#include <math.h>

#define LANES 16
#define SMALLEST_NORM 1e-8       /* a row shorter than this counts as this long */

double sphere_dot(int64_t dim, const double *a, const double *b)
{
	double lane[LANES] = { 0 }, sum = 0;
	int64_t k = 0;
	for (; k + LANES <= dim; k += LANES)
		for (int l = 0; l < LANES; l++)
			lane[l] += a[k + l] * b[k + l];
	for (; k < dim; k++)
		sum += a[k] * b[k];
	for (int l = 0; l < LANES; l++)
		sum += lane[l];
	return sum;
}

void sphere_project(int64_t rows, int64_t dim, const float *out, double *z, double *norm)
{
	for (int64_t i = 0; i < rows; i++) {
		double *zi = z + i * dim;
		for (int64_t k = 0; k < dim; k++)
			zi[k] = out[i * dim + k];
		norm[i] = fmax(sqrt(sphere_dot(dim, zi, zi)), SMALLEST_NORM);
		for (int64_t k = 0; k < dim; k++)
			zi[k] /= norm[i];
	}
}

void sphere_gradient(int64_t dim, const double *z, double norm, const double *dz, float *dx)
{
	const double along = sphere_dot(dim, dz, z);
	for (int64_t k = 0; k < dim; k++)
		dx[k] = (float)((dz[k] - along * z[k]) / norm);
}
