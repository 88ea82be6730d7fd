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
};

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
	float *y = c->out->data + p.out;
	r->v->fwd(&p.g, c->in[0]->data + p.in, c->in[1]->data, y, p.scratch);
	if (c->after)
		nn_epilogue(c->ctx->be, c->after, p.g.n * p.g.oh * p.g.ow, p.g.oc, p.out, y);
}

static void backward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	const float *dy = c->out->grad;
	struct piece p = piece(r, chunk, worker);
	if (r->parts)
		r->v->bwd_weights(&p.g, c->in[0]->data + p.in, dy + p.out, r->parts + chunk * r->weights, p.scratch);
	if (c->in[0]->grad)
		r->v->bwd_data(&p.g, dy + p.out, c->in[1]->data, c->beta[0], c->in[0]->grad + p.in, p.scratch);
}

static struct run begin(struct nn_call *c, const struct nn_convolver *v)
{
	struct nn_shape w = c->in[1]->shape;
	struct run r = {
		.c = c, .v = v, .weights = w.n * w.h * w.w * w.c,
		.k = nn_chunk(c->out->shape.n, c->out->shape.h * c->out->shape.w, v->min_rows),
	};
	struct conv_geom g = nn_conv_geom(c->node, c->in[0]->shape, w, nn_chunk_images(r.k, 0, c->out->shape.n));
	r.scratch = nn_scratch(c->ctx, v->scratch(&g), &r.stride);
	return r;
}

int nn_convolve_forward(struct nn_call *c, const struct nn_convolver *v)
{
	struct run r = begin(c, v);
	nn_parallel(c->ctx, r.k.count, forward_chunk, &r);
	return 0;
}

int nn_convolve_backward(struct nn_call *c, const struct nn_convolver *v)
{
	struct run r = begin(c, v);
	if (c->in[1]->grad)
		r.parts = arena_raw(c->ctx->step, (size_t)(r.k.count * r.weights), sizeof(float));
	nn_parallel(c->ctx, r.k.count, backward_chunk, &r);
	return r.parts ? nn_reduce_grad(c, 1, r.parts, r.k.count, r.weights) : 0;
}
