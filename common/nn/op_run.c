/* How operators run: chunks of images, one task each, and where their results meet. */
#include <string.h>
#include "base/err.h"
#include "nn/op.h"

struct nn_chunks nn_chunk(int64_t batch, int64_t rows_per_image, int64_t min_rows)
{
	int64_t slice_rows = NN_SLICE * rows_per_image;
	int64_t slices = (min_rows + slice_rows - 1) / slice_rows;
	struct nn_chunks k = { .images = NN_SLICE * (slices > 1 ? slices : 1) };
	k.count = (batch + k.images - 1) / k.images;
	return k;
}

void nn_parallel(struct nn_ctx *ctx, int64_t chunks, pool_fn *fn, void *arg)
{
	if (ctx->pool && chunks > 1) {
		pool_run(ctx->pool, chunks, fn, arg);
		return;
	}
	for (int64_t k = 0; k < chunks; k++)
		fn(arg, k, 0);
}

float *nn_scratch(struct nn_ctx *ctx, size_t floats, size_t *stride)
{
	/* whole pages apart: neighbours share neither cache lines nor prefetch streams */
	*stride = (floats + 1023) / 1024 * 1024;
	size_t workers = ctx->pool ? (size_t)pool_threads(ctx->pool) : 1;
	return *stride ? arena_raw(ctx->step, workers * *stride, sizeof(float)) : NULL;
}

static void ready(struct nn_call *c, int i, int64_t count)
{
	if (!c->beta[i])
		memset(c->in[i]->grad, 0, (size_t)count * sizeof(float));
}

struct span { float *dst; const float *parts; int64_t chunks, count, span; };

static void add_span(void *arg, int64_t task, int worker)
{
	const struct span *s = arg;
	int64_t from = task * s->span, left = s->count - from;
	(void)worker;
	reduce_add_strided(s->dst + from, s->parts + from, s->chunks, left < s->span ? left : s->span, s->count);
}

int nn_reduce_grad(struct nn_call *c, int i, float *parts, int64_t chunks, int64_t count)
{
	struct comm *comm = c->ctx->comm;
	TRY(comm->gather(comm, parts, chunks, (size_t)count * sizeof(float)));
	ready(c, i, count);
	struct span s = { c->in[i]->grad, parts, chunks, count, 16384 };
	nn_parallel(c->ctx, (count + s.span - 1) / s.span, add_span, &s);
	return 0;
}

void nn_add_grad(struct nn_call *c, int i, const double *sums, const double *factor, int64_t count)
{
	float *grad = c->in[i]->grad;
	ready(c, i, count);
	for (int64_t k = 0; k < count; k++)
		grad[k] = (float)(grad[k] + sums[k] * (factor ? factor[k] : 1));
}

int nn_reduce_sums(struct nn_ctx *ctx, double *out, double *parts, int64_t chunks, int64_t count)
{
	TRY(ctx->comm->gather(ctx->comm, parts, chunks, (size_t)count * sizeof(double)));
	reduce_sums(out, parts, chunks, count);
	return 0;
}
