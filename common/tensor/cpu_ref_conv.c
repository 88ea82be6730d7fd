/* Reference convolutions.  Depthwise is a grouped convolution with one channel per group. */
#include "tensor/cpu_ref.h"

size_t ref_conv_scratch(const struct conv_geom *g)
{
	(void)g;
	return 0;
}

/* The channel 0 of the input pixel under tap (ky, kx) of output (oy, ox); -1 outside the image. */
static int64_t tap(const struct conv_geom *g, int64_t i, int64_t oy, int64_t ox, int ky, int kx)
{
	int64_t y = oy * g->sh - g->ph + (int64_t)ky * g->dh;
	int64_t x = ox * g->sw - g->pw + (int64_t)kx * g->dw;

	return y < 0 || y >= g->h || x < 0 || x >= g->w ? -1 : ((i * g->h + y) * g->w + x) * g->c;
}

void ref_conv_fwd(const struct conv_geom *g, const float *x, const float *w, float *y, float *scratch)
{
	int64_t cg = g->c / g->groups, og = g->oc / g->groups;

	(void)scratch;
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t oy = 0; oy < g->oh; oy++)
			for (int64_t ox = 0; ox < g->ow; ox++)
				for (int64_t o = 0; o < g->oc; o++) {
					const float *k = w + o * g->kh * g->kw * cg;
					double sum = 0;

					for (int ky = 0; ky < g->kh; ky++)
						for (int kx = 0; kx < g->kw; kx++, k += cg) {
							int64_t at = tap(g, i, oy, ox, ky, kx);

							for (int64_t c = 0; at >= 0 && c < cg; c++)
								sum += (double)x[at + o / og * cg + c] * k[c];
						}
					*y++ = (float)sum;
				}
}

void ref_conv_bwd_data(const struct conv_geom *g, const float *dy, const float *w, float beta, float *dx, float *scratch)
{
	int64_t cg = g->c / g->groups, og = g->oc / g->groups;

	(void)scratch;
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t y = 0; y < g->h; y++)
			for (int64_t x = 0; x < g->w; x++)
				for (int64_t c = 0; c < g->c; c++) {
					double sum = ref_keep(beta, *dx);

					for (int ky = 0; ky < g->kh; ky++)
						for (int kx = 0; kx < g->kw; kx++) {
							int64_t sy = y + g->ph - (int64_t)ky * g->dh, oy = sy / g->sh;
							int64_t sx = x + g->pw - (int64_t)kx * g->dw, ox = sx / g->sw;

							if (sy < 0 || sy % g->sh || oy >= g->oh || sx < 0 || sx % g->sw || ox >= g->ow)
								continue;
							for (int64_t o = c / cg * og; o < (c / cg + 1) * og; o++)
								sum += (double)dy[((i * g->oh + oy) * g->ow + ox) * g->oc + o] *
								       w[((o * g->kh + ky) * g->kw + kx) * cg + c % cg];
						}
					*dx++ = (float)sum;
				}
}

void ref_conv_bwd_weights(const struct conv_geom *g, const float *x, const float *dy, float *dw, float *scratch)
{
	int64_t cg = g->c / g->groups, og = g->oc / g->groups;

	(void)scratch;
	for (int64_t o = 0; o < g->oc; o++)
		for (int ky = 0; ky < g->kh; ky++)
			for (int kx = 0; kx < g->kw; kx++)
				for (int64_t c = 0; c < cg; c++) {
					const float *d = dy + o;
					double sum = 0;

					for (int64_t i = 0; i < g->n; i++)
						for (int64_t oy = 0; oy < g->oh; oy++)
							for (int64_t ox = 0; ox < g->ow; ox++, d += g->oc) {
								int64_t at = tap(g, i, oy, ox, ky, kx);

								if (at >= 0)
									sum += (double)*d * x[at + o / og * cg + c];
							}
					*dw++ = (float)sum;
				}
}

static struct conv_geom depthwise(const struct conv_geom *g)
{
	struct conv_geom d = *g;

	d.groups = (int)g->c;
	return d;
}

void ref_dwconv_fwd(const struct conv_geom *g, const float *x, const float *w, float *y, float *scratch)
{
	struct conv_geom d = depthwise(g);

	ref_conv_fwd(&d, x, w, y, scratch);
}

void ref_dwconv_bwd_data(const struct conv_geom *g, const float *dy, const float *w, float beta, float *dx, float *scratch)
{
	struct conv_geom d = depthwise(g);

	ref_conv_bwd_data(&d, dy, w, beta, dx, scratch);
}

void ref_dwconv_bwd_weights(const struct conv_geom *g, const float *x, const float *dy, float *dw, float *scratch)
{
	struct conv_geom d = depthwise(g);

	ref_conv_bwd_weights(&d, x, dy, dw, scratch);
}
