/* See convolve.h. */
#include "nn/convolve.h"
#include "nn/window.h"

struct run {
	struct nn_call *c;
	const struct nn_convolver *v;
	struct nn_chunks k;
	float *scratch, *parts;
	size_t stride;
	int64_t weights;                 /* floats of the weight, and of a partial */
	struct nn_partials *moments;
};

/* A tensor of this size is gone from the cache when it is read again; smaller ones are better off there. */
static bool leaves_cache(struct nn_shape s)
{
	return nn_shape_floats(s) > (8 << 20) / (int64_t)sizeof(float);
}

struct piece { struct conv_geom g; int64_t in, out; float *scratch; };   /* a chunk: geometry, offsets, scratch */

static struct piece piece(const struct run *r, int64_t chunk, int worker)
{
	const struct nn_call *c = r->c;
	int64_t first = nn_chunk_first(r->k, chunk);
	struct piece p = { nn_conv_geom(c->node, c->in[0]->shape, c->in[1]->shape,
	                                nn_chunk_images(r->k, chunk, c->out->shape.n)) };
	p.in = first * p.g.h * p.g.w * p.g.c;
	p.out = first * p.g.oh * p.g.ow * p.g.oc;
	p.scratch = r->scratch ? r->scratch + (size_t)worker * r->stride : NULL;
	return p;
}

static void forward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	struct piece p = piece(r, chunk, worker);
	struct conv_fwd f = { .x = c->in[0]->data + p.in, .w = c->in[1]->data, .y = c->out->data + p.out,
		.in = c->in[0]->meant, .stream = c->bn_mode != NN_BN_FIXED && leaves_cache(c->out->shape) };
	if (r->moments) {
		r->moments->rows[chunk] = p.g.n * p.g.oh * p.g.ow;
		f.mean = r->moments->a + chunk * p.g.oc;
		f.m2 = r->moments->b + chunk * p.g.oc;
	}
	if (c->after) {
		f.out = c->after->affine;
		f.add = c->after->add ? c->after->add + p.out : NULL;
	}
	r->v->fwd(&p.g, &f, p.scratch);
}

static void backward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	struct piece p = piece(r, chunk, worker);
	struct conv_bwd b = {
		.x = c->in[0]->data + p.in, .w = c->in[1]->data, .dy = c->out->grad + p.out, .beta = c->beta[0],
		.dx = c->in[0]->grad ? c->in[0]->grad + p.in : NULL, .dw = r->parts ? r->parts + chunk * r->weights : NULL,
		.in = c->in[0]->meant, .out = c->out->unfinished, .stream = leaves_cache(c->in[0]->shape),
	};
	if (b.out.ka)
		b.out.y += p.out;
	if (c->finish) {
		b.mean = c->in[0]->mean;
		b.sum_g = c->in[0]->sums->a + chunk * p.g.c;
		b.sum_gx = c->in[0]->sums->b + chunk * p.g.c;
	}
	r->v->bwd(&p.g, &b, p.scratch);
}

static struct run begin(struct nn_call *c, const struct nn_convolver *v)
{
	struct nn_shape w = c->in[1]->shape;
	struct run r = {
		.c = c, .v = v, .weights = nn_shape_floats(w),
		.k = nn_chunk(c->out->shape.n, c->out->shape.h * c->out->shape.w, v->min_rows),
	};
	struct conv_geom g = nn_conv_geom(c->node, c->in[0]->shape, w, nn_chunk_images(r.k, 0, c->out->shape.n));
	r.scratch = nn_scratch(c->ctx, v->scratch(&g), &r.stride);
	return r;
}

int nn_convolve_forward(struct nn_call *c, const struct nn_convolver *v)
{
	struct run r = begin(c, v);
	if (c->bn_mode != NN_BN_FIXED)
		r.moments = c->out->moments;
	if (r.moments)
		r.moments->chunks = r.k.count;
	nn_parallel(c->ctx, r.k.count, forward_chunk, &r);
	return 0;
}

int nn_convolve_backward(struct nn_call *c, const struct nn_convolver *v)
{
	struct run r = begin(c, v);
	if (c->finish)
		c->in[0]->sums->chunks = r.k.count;
	if (c->in[1]->grad)
		r.parts = arena_raw(c->ctx->step, (size_t)(r.k.count * r.weights), sizeof(float));
	nn_parallel(c->ctx, r.k.count, backward_chunk, &r);
	return r.parts ? nn_reduce_grad(c, 1, r.parts, r.k.count, r.weights) : 0;
}
