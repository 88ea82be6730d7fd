#include "tests/bench/gemms.h"

#include <string.h>
#include "nn/op.h"
#include "nn/window.h"
#include "tensor/backend.h"

enum { CHUNK_ROWS = 512 };

/* rows x depth (unfolded input), depth x out (weight), rows x out (output) */
struct layer { int64_t rows, depth, out, chunk; bool data, weights; };

struct gemms {
	const struct backend *be;
	int layers;
	struct layer *layer;
	float *input, *weight, *output, *partial;        /* shared by all layers, large enough for each */
};

struct pass { const struct gemms *s; const struct layer *l; bool backward; };

static void chunk(void *arg, int64_t k, int worker)
{
	const struct pass *p = arg;
	const struct layer *l = p->l;
	const struct gemms *s = p->s;
	int64_t first = k * l->chunk, m = l->rows - first < l->chunk ? l->rows - first : l->chunk;
	float *x = s->input + first * l->depth, *y = s->output + first * l->out;
	(void)worker;
	if (!p->backward)
		s->be->gemm(false, true, m, l->out, l->depth, x, l->depth, s->weight, l->depth, 0, y, l->out);
	if (p->backward && l->weights)
		s->be->gemm(true, false, l->out, l->depth, m, y, l->out, x, l->depth, 0, s->partial + k * l->out * l->depth, l->depth);
	if (p->backward && l->data)
		s->be->gemm(false, false, m, l->depth, l->out, y, l->out, s->weight, l->depth, 0, x, l->depth);
}

static void run(const struct gemms *s, const struct layer *l, bool backward, struct pool *pool)
{
	struct pass p = { s, l, backward };
	int64_t chunks = (l->rows + l->chunk - 1) / l->chunk;
	if (pool)
		pool_run(pool, chunks, chunk, &p);
	for (int64_t k = 0; !pool && k < chunks; k++)
		chunk(&p, k, 0);
}

void gemms_run(const struct gemms *s, struct pool *pool)
{
	for (int i = 0; i < s->layers; i++)
		run(s, &s->layer[i], false, pool);
	for (int i = s->layers - 1; i >= 0; i--)
		if (s->layer[i].weights || s->layer[i].data)
			run(s, &s->layer[i], true, pool);
}

double gemms_flops(const struct gemms *s)
{
	double flops = 0;
	for (int i = 0; i < s->layers; i++) {
		const struct layer *l = &s->layer[i];
		flops += 2.0 * (double)l->rows * (double)l->depth * (double)l->out * (1 + l->data + l->weights);
	}
	return flops;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

struct gemms *gemms_new(const struct bench *b, const struct nn_graph *g, int64_t batch, bool backward)
{
	struct gemms *s = ARENA_NEW(b->mem, struct gemms, 1);
	int64_t input = 1, weight = 1, output = 1, partial = 1;
	s->be = backend_find("cpu");
	s->layer = ARENA_NEW(b->mem, struct layer, g->count);
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		if (n->kind != NN_OP || (strcmp(n->op->name, "conv") && strcmp(n->op->name, "linear")))
			continue;
		const struct nn_node *x = &g->node[n->in[0]], *w = &g->node[n->in[1]];
		int64_t pixels = n->shape.h * n->shape.w;
		struct nn_chunks k = nn_chunk(batch, pixels, n->op->name[0] == 'c' ? CHUNK_ROWS : 32);
		struct layer *l = &s->layer[s->layers++];
		*l = (struct layer){
			.rows = batch * pixels, .chunk = k.images * pixels, .depth = nn_image_size(w->shape),
			.out = w->shape.n, .data = backward && x->kind == NN_OP, .weights = backward,
		};
		input = larger(input, l->rows * l->depth);
		output = larger(output, l->rows * l->out);
		weight = larger(weight, l->depth * l->out);
		partial = larger(partial, k.count * l->depth * l->out);
	}
	s->input = bench_floats(b, input);
	s->weight = bench_floats(b, weight);
	s->output = bench_floats(b, output);
	s->partial = bench_floats(b, partial);
	return s;
}
