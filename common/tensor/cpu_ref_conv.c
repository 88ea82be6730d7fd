/* Reference convolutions.  Depthwise is a grouped convolution with one channel per group.  What is lazy is
 * made in scratch first: the input as it is meant, then the gradient as it is meant. */
#include "tensor/cpu_ref.h"

static int64_t inputs(const struct conv_geom *g) { return g->n * g->h * g->w * g->c; }
static int64_t outputs(const struct conv_geom *g) { return g->n * g->oh * g->ow * g->oc; }

size_t ref_conv_scratch(const struct conv_geom *g)
{
	return (size_t)(inputs(g) + outputs(g));
}

/* The channel 0 of the input pixel under tap (ky, kx) of output (oy, ox); -1 outside the image. */
static int64_t tap(const struct conv_geom *g, int64_t i, int64_t oy, int64_t ox, int ky, int kx)
{
	int64_t y = oy * g->sh - g->ph + (int64_t)ky * g->dh;
	int64_t x = ox * g->sw - g->pw + (int64_t)kx * g->dw;

	return y < 0 || y >= g->h || x < 0 || x >= g->w ? -1 : ((i * g->h + y) * g->w + x) * g->c;
}

static void forward(const struct conv_geom *g, const float *x, const float *w, float *y)
{
	int64_t cg = g->c / g->groups, og = g->oc / g->groups;

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

static void backward_data(const struct conv_geom *g, const float *dy, const float *w, float beta, float *dx)
{
	int64_t cg = g->c / g->groups, og = g->oc / g->groups;

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

static void backward_weights(const struct conv_geom *g, const float *x, const float *dy, float *dw)
{
	int64_t cg = g->c / g->groups, og = g->oc / g->groups;

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

static const float *meant(const struct conv_geom *g, const float *x, const struct affine *in, float *scratch)
{
	if (!in->scale)
		return x;
	ref_bn_apply(g->n * g->h * g->w, g->c, x, in, scratch);
	return scratch;
}

void ref_conv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	forward(g, meant(g, f->x, &f->in, scratch), f->w, f->y);
	if (f->out.scale)
		ref_bn_apply(g->n * g->oh * g->ow, g->oc, f->y, &f->out, f->y);
	if (f->add)
		ref_add(1, outputs(g), f->y, &(struct affine){ 0 }, f->add, &(struct affine){ 0 }, f->y);
	if (f->mean)
		ref_bn_stats(g->n * g->oh * g->ow, g->oc, f->y, f->mean, f->m2);
}

void ref_conv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	const float *dy = b->dy;

	if (b->out.ka) {
		ref_bn_bwd_data(g->n * g->oh * g->ow, g->oc, dy, &b->out, 0, scratch + inputs(g));
		dy = scratch + inputs(g);
	}
	if (b->dw)
		backward_weights(g, meant(g, b->x, &b->in, scratch), dy, b->dw);
	if (b->dx)
		backward_data(g, dy, b->w, b->beta, b->dx);
	if (b->sum_g)
		ref_bn_bwd_sums(g->n * g->h * g->w, g->c, b->x, &b->in, b->mean, b->dx, b->sum_g, b->sum_gx);
}

static struct conv_geom depthwise(const struct conv_geom *g)
{
	struct conv_geom d = *g;

	d.groups = (int)g->c;
	return d;
}

void ref_dwconv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	struct conv_geom d = depthwise(g);

	ref_conv_fwd(&d, f, scratch);
}

void ref_dwconv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	struct conv_geom d = depthwise(g);

	ref_conv_bwd(&d, b, scratch);
}
