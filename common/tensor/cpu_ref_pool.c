/* Reference pooling. */
#include "tensor/cpu_ref.h"

struct window { int64_t y0, y1, x0, x1; };      /* what lies inside the image, half-open */

static struct window window(const struct pool_geom *g, int64_t oy, int64_t ox)
{
	struct window v = { oy * g->stride - g->pad, 0, ox * g->stride - g->pad, 0 };

	v.y1 = v.y0 + g->k < g->h ? v.y0 + g->k : g->h;
	v.x1 = v.x0 + g->k < g->w ? v.x0 + g->k : g->w;
	v.y0 = v.y0 > 0 ? v.y0 : 0;
	v.x0 = v.x0 > 0 ? v.x0 : 0;
	return v;
}

static int64_t cells(struct window v)
{
	return v.y1 > v.y0 && v.x1 > v.x0 ? (v.y1 - v.y0) * (v.x1 - v.x0) : 0;
}

/* Where the largest value of channel c is; -1 when the window is empty. */
static int64_t largest(const struct pool_geom *g, struct window v, int64_t i, int64_t c, const float *x)
{
	int64_t best = -1;

	for (int64_t y = v.y0; y < v.y1; y++)
		for (int64_t xx = v.x0; xx < v.x1; xx++) {
			int64_t at = ((i * g->h + y) * g->w + xx) * g->c + c;

			if (best < 0 || x[at] > x[best])
				best = at;
		}
	return best;
}

static void zero(float *x, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		x[i] = 0;
}

void ref_maxpool_fwd(const struct pool_geom *g, const float *x, float *y)
{
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t oy = 0; oy < g->oh; oy++)
			for (int64_t ox = 0; ox < g->ow; ox++)
				for (int64_t c = 0; c < g->c; c++) {
					int64_t at = largest(g, window(g, oy, ox), i, c, x);

					*y++ = at < 0 ? 0 : x[at];
				}
}

void ref_maxpool_bwd(const struct pool_geom *g, const float *x, const float *dy, float beta, float *dx)
{
	if (beta == 0)
		zero(dx, g->n * g->h * g->w * g->c);
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t oy = 0; oy < g->oh; oy++)
			for (int64_t ox = 0; ox < g->ow; ox++)
				for (int64_t c = 0; c < g->c; c++, dy++) {
					int64_t at = largest(g, window(g, oy, ox), i, c, x);

					if (at >= 0)
						dx[at] += *dy;
				}
}

void ref_avgpool_fwd(const struct pool_geom *g, const float *x, float *y)
{
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t oy = 0; oy < g->oh; oy++)
			for (int64_t ox = 0; ox < g->ow; ox++)
				for (int64_t c = 0; c < g->c; c++) {
					struct window v = window(g, oy, ox);
					double sum = 0;

					for (int64_t yy = v.y0; yy < v.y1; yy++)
						for (int64_t xx = v.x0; xx < v.x1; xx++)
							sum += x[((i * g->h + yy) * g->w + xx) * g->c + c];
					*y++ = cells(v) ? (float)(sum / (double)cells(v)) : 0;
				}
}

void ref_avgpool_bwd(const struct pool_geom *g, const float *dy, float beta, float *dx)
{
	if (beta == 0)
		zero(dx, g->n * g->h * g->w * g->c);
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t oy = 0; oy < g->oh; oy++)
			for (int64_t ox = 0; ox < g->ow; ox++)
				for (int64_t c = 0; c < g->c; c++, dy++) {
					struct window v = window(g, oy, ox);

					for (int64_t yy = v.y0; yy < v.y1; yy++)
						for (int64_t xx = v.x0; xx < v.x1; xx++)
							dx[((i * g->h + yy) * g->w + xx) * g->c + c] += *dy / (float)cells(v);
				}
}

void ref_gpool_fwd(int64_t n, int64_t rows, int64_t c, const float *x, const struct affine *in, float *y)
{
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < c; j++) {
			double sum = 0;

			for (int64_t r = 0; r < rows; r++)
				sum += ref_affine(in, x[(i * rows + r) * c + j], j);
			*y++ = (float)(sum / (double)rows);
		}
}

void ref_gpool_bwd(int64_t n, int64_t rows, int64_t c, const float *dy, float beta, float *dx)
{
	for (int64_t i = 0; i < n; i++)
		for (int64_t r = 0; r < rows; r++)
			for (int64_t j = 0; j < c; j++, dx++)
				*dx = (float)(ref_keep(beta, *dx) + (double)dy[i * c + j] / (double)rows);
}
