/* Bound nets: bits and threads, sharing, modes of batch-norm, memory. */
#include "tests/harness.h"

#include "base/rng.h"
#include "nn/layers.h"
#include "nn/net.h"

static struct arena *mem;
static struct pool *pool;
static struct nn_ctx *cpu;

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	pool = pool_new(2);
	cpu = nn_ctx_new(mem, pool, backend_find("cpu"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pool_free(pool);
	nn_ctx_free(cpu);
	arena_free(mem);
	return 0;
}

static void randomise(float *x, int64_t n, const char *purpose)
{
	struct rng r = rng_stream(5, purpose, 0, 0, 0);
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)rng_normal(&r);
}

/* A bit of everything that networks are made of. */
static struct nn_graph *small_network(void)
{
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_conv_bn(g, "stem", nn_graph_input(g, "image", 12, 10, 3), 8, 3, 1, ACT_RELU);
	x = nn_inverted_residual(g, "a", x, 8, 3, 1, 3, ACT_RELU6);
	x = nn_droppath(g, "a/path", x, 0.3);
	int skip = x;
	x = nn_squeeze_excite(g, "se", x, 4, ACT_HSIGMOID);
	x = nn_concat(g, "cat", 2, (int[]){ x, skip });
	x = nn_inverted_residual(g, "b", x, 12, 5, 2, 6, ACT_SWISH);
	x = nn_maxpool(g, "max", x, 3, 2);
	x = nn_global_pool(g, "pool", x);
	nn_graph_output(g, "feature", x);
	x = nn_linear(g, "fc", nn_dropout(g, "drop", x, 0.2), 5, true);
	nn_graph_output(g, "out", x);
	return g;
}

static struct nn_store *values_of(const struct nn_graph *g)
{
	struct nn_store *s = nn_store_new(mem);
	assert_ok(nn_graph_params(g, s));
	nn_init_store(s, 3);
	return s;
}

static struct nn_net *bind(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values, struct nn_store *grads, int64_t batch)
{
	struct nn_net *net = nn_bind(ctx, g, values, grads, batch);
	if (!net)
		fail_msg("%s", err_text());
	return net;
}

static void fill_input(struct nn_net *net, int64_t batch)
{
	randomise(nn_input(net, "image"), batch * 12 * 10 * 3, "image");
}

/* One step: outputs (batch x 5) into out, gradients into grads. */
static void step(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values, struct nn_store *grads, int64_t batch, float *out)
{
	nn_ctx_reset(ctx);
	struct nn_net *net = bind(ctx, g, values, grads, batch);
	fill_input(net, batch);
	assert_ok(nn_forward(net, NN_BN_BATCH));
	memcpy(out, nn_output(net, "out", NULL), (size_t)(batch * 5) * sizeof(float));
	if (!grads)
		return;
	randomise(nn_seed(net, "out"), batch * 5, "seed");
	assert_ok(nn_backward(net));
}

static void same_bits(const struct nn_store *a, const struct nn_store *b)
{
	assert_int_equal(a->count, b->count);
	for (int i = 0; i < a->count; i++)
		if (memcmp(a->param[i]->data, b->param[i]->data, (size_t)a->param[i]->count * sizeof(float)))
			fail_msg("%s differs", a->param[i]->name);
}

static void results_are_the_same_bits_for_every_thread_count(void **state)
{
	(void)state;
	struct nn_graph *g = small_network();
	struct nn_store *values = values_of(g), *grads[4];
	float out[4][29 * 5];
	for (int threads = 0; threads < 4; threads++) {          /* 0: without a pool */
		struct pool *p = threads ? pool_new(threads) : NULL;
		struct nn_ctx *ctx = nn_ctx_new(mem, p, backend_find("cpu"));
		grads[threads] = nn_store_like(mem, values);
		step(ctx, g, values, grads[threads], 29, out[threads]);
		same_bits(grads[threads], grads[0]);
		assert_memory_equal(out[threads], out[0], sizeof out[0]);
		nn_ctx_free(ctx);
		pool_free(p);
	}
	double norm = 0;
	for (int i = 0; i < values->count; i++)
		for (int64_t k = 0; k < grads[0]->param[i]->count; k++)
			norm += fabs(grads[0]->param[i]->data[k]);
	assert_true(norm > 1);
}

static void gradients_of_a_network_match_finite_differences(void **state)
{
	(void)state;
	/* smooth activations; batch of 11: one slice and a bit */
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_conv_bn(g, "stem", nn_graph_input(g, "image", 12, 10, 3), 6, 3, 2, ACT_SWISH);
	x = nn_inverted_residual(g, "a", x, 6, 3, 1, 2, ACT_SWISH);
	x = nn_squeeze_excite(g, "se", x, 2, ACT_SIGMOID);
	nn_graph_output(g, "out", nn_linear(g, "fc", nn_global_pool(g, "pool", x), 5, true));
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values), *kept = nn_store_like(mem, values);
	nn_store_copy(kept, values);
	float out[11 * 5], seed[11 * 5];
	step(cpu, g, values, grads, 11, out);
	randomise(seed, 55, "seed");
	double moved = 0, g2 = 0, loss[2] = { 0, 0 };
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i < values->count; i++) {
			struct nn_param *p = values->param[i];
			float *direction = ARENA_NEW(mem, float, p->count);
			randomise(direction, p->count, p->name);
			for (int64_t k = 0; k < p->count; k++) {
				float d = 2e-3f * direction[k] * (p->count > 1 ? 1 : 0);
				p->data[k] = kept->param[i]->data[k] + (side ? -d : d);
				moved += grads->param[i]->data[k] * (side ? 0 : 2 * d);
				g2 += side ? 0 : (double)grads->param[i]->data[k] * grads->param[i]->data[k];
			}
		}
		step(cpu, g, values, NULL, 11, out);
		for (int k = 0; k < 55; k++)
			loss[side] += (double)seed[k] * out[k];
	}
	double scale = sqrt(g2) * 4e-3;
	if (!(fabs(loss[0] - loss[1] - moved) < 5e-3 * scale))
		fail_msg("the loss moves by %.9g, the gradient says %.9g (scale %.3g)", loss[0] - loss[1], moved, scale);
}

static void forward_without_gradients_gives_the_same_bits_in_less_memory(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_graph_input(g, "image", 12, 10, 3);
	for (int i = 0; i < 12; i++)
		x = nn_conv_bn(g, arena_printf(mem, "layer%d", i), x, 16, 3, 1, ACT_RELU);
	nn_graph_output(g, "out", nn_linear(g, "fc", nn_global_pool(g, "pool", x), 5, true));
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	struct nn_ctx *with = nn_ctx_new(mem, pool, backend_find("cpu")), *without = nn_ctx_new(mem, pool, backend_find("cpu"));
	float a[64 * 5], b[64 * 5];
	step(with, g, values, grads, 64, a);
	step(without, g, values, NULL, 64, b);
	assert_memory_equal(a, b, sizeof a);
	assert_true(2 * arena_peak(without->step) < arena_peak(with->step));
	assert_int_equal(without->touched.count, 0);
	assert_int_equal(with->touched.count, values->count);
	nn_ctx_free(with);
	nn_ctx_free(without);
}

static void outputs_inside_the_network_keep_their_values(void **state)
{
	(void)state;
	/* buffers are reused along the chain: 12 layers of one size, an output after the third */
	float kept[2][9 * 12 * 10 * 16];
	struct nn_store *values = NULL;
	for (int all = 1; all >= 0; all--) {             /* the whole chain, then only its beginning */
		struct nn_graph *g = nn_graph_new(mem);
		int x = nn_graph_input(g, "image", 12, 10, 3);
		for (int i = 0; i < (all ? 12 : 3); i++) {
			x = nn_conv_bn(g, arena_printf(mem, "layer%d", i), x, 16, 3, 1, ACT_RELU);
			if (i == 2)
				nn_graph_output(g, "inside", x);
		}
		nn_graph_output(g, "end", nn_global_pool(g, "pool", x));
		values = values ? values : values_of(g);
		nn_ctx_reset(cpu);
		struct nn_net *net = bind(cpu, g, values, NULL, 9);
		fill_input(net, 9);
		assert_ok(nn_forward(net, NN_BN_BATCH));
		memcpy(kept[all], nn_output(net, "inside", NULL), sizeof kept[0]);
	}
	assert_memory_equal(kept[0], kept[1], sizeof kept[0]);
}

/* ReLUs as cells of DARTS have them: over a sum, a batch-norm and a concatenation, with and without other readers
 * of the same tensor.  stored: each is an output as well, and each
 * batch-norm before one, so that they are written down. */
static struct nn_graph *network_of_relus(bool stored)
{
	struct nn_graph *g = nn_graph_new(mem);
	int image = nn_graph_input(g, "image", 12, 10, 3), relu[5];
	int a = nn_conv_bn(g, "a", image, 16, 3, 1, ACT_NONE), b = nn_conv(g, "b", image, 16, 1, 1);
	relu[0] = nn_act(g, "a/relu", a, ACT_RELU);              /* a has another reader */
	int c = nn_separable(g, "c", relu[0], 16, 3, 1), d = nn_dilated(g, "d", relu[0], 16, 3, 1);
	int sum = nn_add(g, "sum", nn_add(g, "cd", c, d), nn_add(g, "ab", a, b));
	relu[1] = nn_act(g, "sum/relu", sum, ACT_RELU);          /* sum has another reader */
	int e = nn_separable(g, "e", relu[1], 16, 5, 1), cat = nn_concat(g, "cat", 3, (int[]){ sum, e, b });
	relu[2] = nn_act(g, "cat/relu", cat, ACT_RELU);          /* alone */
	int f = nn_conv_bn(g, "f", relu[2], 16, 1, 1, ACT_NONE), h = nn_factorized_reduce(g, "h", relu[2], 16);
	relu[3] = nn_act(g, "f/relu", f, ACT_RELU);              /* alone, over a batch-norm */
	relu[4] = nn_act(g, "h/relu", h, ACT_RELU);              /* read by one that wants it stored */
	int i = nn_conv_bn(g, "i", relu[3], 16, 3, 2, ACT_RELU), j = nn_maxpool(g, "j", relu[4], 3, 1);
	int y = nn_linear(g, "fc", nn_global_pool(g, "pool", nn_add(g, "ij", i, j)), 5, true);
	nn_graph_output(g, "out", y);
	for (int k = 0; stored && k < 5; k++)
		nn_graph_output(g, arena_printf(mem, "relu%d", k), relu[k]);
	if (stored) {
		nn_graph_output(g, "a", a);
		nn_graph_output(g, "f", f);
	}
	return g;
}

static void a_relu_that_is_not_stored_computes_what_a_stored_one_does(void **state)
{
	enum { BATCH = 9 };
	const struct nn_graph *g[2] = { network_of_relus(false), network_of_relus(true) };
	struct nn_store *values = values_of(g[0]), *grads[2];
	float out[2][BATCH * 5];
	double worst = 0;
	int64_t count = 0;

	(void)state;
	for (int k = 0; k < values->count; k++) {       /* no scale is one, no shift zero */
		struct nn_param *p = values->param[k];
		for (int64_t i = 0; p->shape[0] == 1 && i < p->shape[3]; i++)
			p->data[i] += (float)(i % 7 - 3) / 8;
	}
	for (int k = 0; k < 2; k++) {
		grads[k] = nn_store_like(mem, values);
		step(cpu, g[k], values, grads[k], BATCH, out[k]);
	}
	for (int i = 0; i < BATCH * 5; i++)
		assert_true(fabs(out[0][i] - out[1][i]) < 1e-5 * (1 + fabs(out[1][i])));
	for (int k = 0; k < values->count; k++) {
		const struct nn_param *p = grads[0]->param[k], *q = grads[1]->param[k];
		double largest = 0;
		for (int64_t i = 0; i < p->count; i++)
			largest = fmax(largest, fabs(q->data[i]));
		for (int64_t i = 0; i < p->count; i++, count++)
			worst = fmax(worst, fabs(p->data[i] - q->data[i]) / largest);
	}
	assert_true(count > 2000);
	if (worst > 1e-4)
		fail_msg("gradients differ by up to %g of the largest of their tensor", worst);
}

static void two_nets_in_one_step_add_their_gradients(void **state)
{
	(void)state;
	struct nn_graph *g = small_network();
	struct nn_store *values = values_of(g), *once = nn_store_like(mem, values), *twice = nn_store_like(mem, values);
	float out[16 * 5];
	step(cpu, g, values, once, 16, out);

	nn_ctx_reset(cpu);
	struct nn_net *net[2] = { bind(cpu, g, values, twice, 16), bind(cpu, g, values, twice, 16) };
	assert_int_equal(cpu->touched.count, values->count);      /* each view once */
	for (int i = 0; i < 2; i++) {
		fill_input(net[i], 16);
		assert_ok(nn_forward(net[i], NN_BN_BATCH));
	}
	for (int i = 0; i < 2; i++) {
		assert_memory_equal(nn_output(net[i], "out", NULL), out, sizeof out);
		randomise(nn_seed(net[i], "out"), 16 * 5, "seed");
		assert_ok(nn_backward(net[i]));
	}
	for (int i = 0; i < once->count; i++)
		for (int64_t k = 0; k < once->param[i]->count; k++)
			assert_near(twice->param[i]->data[k], 2.0 * once->param[i]->data[k], 1e-5);
}

static void a_gradient_may_be_seeded_on_any_output_and_adds(void **state)
{
	(void)state;
	struct nn_graph *g = small_network();
	struct nn_store *values = values_of(g), *part[3];
	for (int k = 0; k < 3; k++) {                    /* feature, out, both */
		part[k] = nn_store_like(mem, values);
		nn_ctx_reset(cpu);
		struct nn_net *net = bind(cpu, g, values, part[k], 9);
		fill_input(net, 9);
		assert_ok(nn_forward(net, NN_BN_BATCH));
		if (k != 1)
			randomise(nn_seed(net, "feature"), 9 * 12, "feature seed");
		if (k != 0)
			randomise(nn_seed(net, "out"), 9 * 5, "seed");
		assert_ok(nn_backward(net));
	}
	for (int i = 0; i < values->count; i++)
		for (int64_t k = 0; k < values->param[i]->count; k++)
			assert_near(part[2]->param[i]->data[k], (double)part[0]->param[i]->data[k] + part[1]->param[i]->data[k], 2e-5);
	assert_near(nn_store_find(part[0], "fc/bias")->data[0], 0, 0);
}

static void a_parameter_used_twice_gets_both_gradients(void **state)
{
	(void)state;
	/* y = w (w x) with one number each: dy/dw = 2 w x */
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_graph_input(g, "image", 1, 1, 1);
	int w = nn_graph_param(g, "w", (int64_t[]){ 1, 1, 1, 1 }, NN_INIT_ONE, true, 0);
	x = nn_graph_op(g, "linear", "first", 2, (int[]){ x, w }, 0, NULL);
	nn_graph_output(g, "out", nn_graph_op(g, "linear", "second", 2, (int[]){ x, w }, 0, NULL));
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	values->param[0]->data[0] = 3;
	nn_ctx_reset(cpu);
	struct nn_net *net = bind(cpu, g, values, grads, 1);
	nn_input(net, "image")[0] = 5;
	assert_ok(nn_forward(net, NN_BN_BATCH));
	nn_seed(net, "out")[0] = 1;
	assert_ok(nn_backward(net));
	assert_near(grads->param[0]->data[0], 30, 1e-6);
}

static void gradients_of_a_view_land_in_its_box(void **state)
{
	(void)state;
	/* rows 1, 2 and columns 1 .. 3 of a 4 x 5 matrix; x = (1, 2, 3): every row's gradient is its seed times x */
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_graph_input(g, "image", 1, 1, 3);
	int w = nn_graph_param_view(g, &(struct nn_view){ "w", { 1, 0, 0, 1 }, { 2, 1, 1, 3 } }, (int64_t[]){ 4, 1, 1, 5 },
	                            NN_INIT_ZERO, true, 0);
	nn_graph_output(g, "out", nn_graph_op(g, "linear", "fc", 2, (int[]){ x, w }, 0, NULL));
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	for (int i = 0; i < 20; i++)
		values->param[0]->data[i] = (float)i;
	nn_ctx_reset(cpu);
	struct nn_net *net = bind(cpu, g, values, grads, 1);
	memcpy(nn_input(net, "image"), (float[]){ 1, 2, 3 }, 3 * sizeof(float));
	assert_ok(nn_forward(net, NN_BN_BATCH));
	assert_near(nn_output(net, "out", NULL)[0], 6 + 2 * 7 + 3 * 8, 1e-6);
	assert_near(nn_output(net, "out", NULL)[1], 11 + 2 * 12 + 3 * 13, 1e-6);
	memcpy(nn_seed(net, "out"), (float[]){ 10, 100 }, 2 * sizeof(float));
	assert_ok(nn_backward(net));
	const float want[20] = { 0, 0, 0, 0, 0,  0, 10, 20, 30, 0,  0, 100, 200, 300, 0,  0, 0, 0, 0, 0 };
	for (int i = 0; i < 20; i++)
		assert_near(grads->param[0]->data[i], want[i], 1e-5);
	assert_int_equal(cpu->touched.count, 1);
	assert_int_equal(cpu->touched.touch[0].offset[3], 1);
	assert_int_equal(cpu->touched.touch[0].extent[3], 3);
}

static void frozen_parameters_and_grad_scale_stop_gradients(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_linear(g, "a", nn_graph_input(g, "image", 1, 1, 2), 2, false);
	x = nn_linear(g, "b", nn_grad_scale(g, "scale", x, -0.5), 1, false);
	nn_graph_output(g, "out", x);
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	for (int i = 0; i < 4; i++)
		nn_store_find(values, "a/weight")->data[i] = 1;
	memcpy(nn_store_find(values, "b/weight")->data, (float[]){ 2, 4 }, 2 * sizeof(float));
	for (int frozen = 0; frozen < 2; frozen++) {
		for (int i = 0; i < g->count; i++)
			if (g->node[i].kind == NN_PARAM && !strcmp(g->node[i].name, "b/weight"))
				g->node[i].frozen = frozen;
		nn_store_zero(grads);
		nn_ctx_reset(cpu);
		struct nn_net *net = bind(cpu, g, values, grads, 1);
		memcpy(nn_input(net, "image"), (float[]){ 3, 7 }, 2 * sizeof(float));
		assert_ok(nn_forward(net, NN_BN_BATCH));
		nn_seed(net, "out")[0] = 1;
		assert_ok(nn_backward(net));
		/* da = -0.5 b x^T; db = a x = 10 */
		const float *da = nn_store_find(grads, "a/weight")->data;
		assert_near(da[0], -0.5 * 2 * 3, 1e-6);
		assert_near(da[3], -0.5 * 4 * 7, 1e-6);
		assert_near(nn_store_find(grads, "b/weight")->data[0], frozen ? 0 : 10, 1e-6);
		assert_int_equal(cpu->touched.count, frozen ? 1 : 2);
	}
}

static void accumulated_statistics_are_plain_means_and_fix_the_network(void **state)
{
	(void)state;
	enum { BATCHES = 3, N = 10, C = 2 };
	struct nn_graph *g = nn_graph_new(mem);
	nn_graph_output(g, "out", nn_batchnorm(g, "bn", nn_graph_input(g, "image", 3, 2, C), ACT_NONE));
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	struct nn_stats *stats = nn_stats_new(mem);
	float x[BATCHES][N * 6 * C];
	double mean[C] = { 0 }, var[C] = { 0 };
	nn_store_find(values, "bn/scale")->data[0] = 2;
	nn_store_find(values, "bn/shift")->data[0] = -1;
	for (int b = 0; b < BATCHES; b++) {
		randomise(x[b], N * 6 * C, (const char *[]){ "x0", "x1", "x2" }[b]);
		for (int i = 0; i < N * 6 * C; i++)
			x[b][i] += (float)(b + 5 * (i % C));
		nn_ctx_reset(cpu);
		struct nn_net *net = bind(cpu, g, values, NULL, N);
		nn_set_input(net, "image", x[b]);
		nn_set_stats(net, stats);
		assert_ok(nn_forward(net, NN_BN_ACCUMULATE));
		for (int c = 0; c < C; c++) {
			double m = 0, v = 0;
			for (int i = c; i < N * 6 * C; i += C)
				m += x[b][i] / (N * 6.0);
			for (int i = c; i < N * 6 * C; i += C)
				v += (x[b][i] - m) * (x[b][i] - m) / (N * 6.0);
			mean[c] += m / BATCHES;
			var[c] += v / BATCHES;
		}
	}
	nn_ctx_reset(cpu);
	struct nn_net *net = bind(cpu, g, values, grads, N);
	nn_set_input(net, "image", x[0]);
	assert_fails(nn_forward(net, NN_BN_FIXED), ERR_INTERNAL, "nn_set_stats");
	nn_set_stats(net, stats);
	assert_fails(nn_forward(net, NN_BN_FIXED), ERR_INTERNAL, "nn_stats_finish");
	nn_stats_finish(stats);
	nn_stats_finish(stats);
	const struct nn_stat *s = nn_stats_find(stats, "bn");
	for (int c = 0; c < C; c++) {
		assert_near(s->mean[c], mean[c], 1e-5);
		assert_near(s->var[c], var[c], 1e-5);
	}

	/* y = 2 (x - mean) / sqrt(var + eps) - 1 on channel 0; statistics are constants of the gradient */
	assert_ok(nn_forward(net, NN_BN_FIXED));
	double istd = 1 / sqrt(var[0] + 1e-5), dscale = 0, dshift = 0;
	float *seed = nn_seed(net, "out");
	for (int i = 0; i < N * 6 * C; i++)
		seed[i] = (float)(i % 7);
	for (int i = 0; i < N * 6 * C; i += C) {
		assert_near(nn_output(net, "out", NULL)[i], 2 * (x[0][i] - mean[0]) * istd - 1, 1e-5);
		dscale += seed[i] * (x[0][i] - mean[0]) * istd;
		dshift += seed[i];
	}
	assert_ok(nn_backward(net));
	assert_near(nn_store_find(grads, "bn/scale")->data[0], dscale, 1e-5);
	assert_near(nn_store_find(grads, "bn/shift")->data[0], dshift, 1e-5);
}

static void fixed_statistics_are_constants_of_the_gradient(void **state)
{
	(void)state;
	/* y = bn(w x), one channel, mean 1, var 3 (+ eps): dy/dw = x / sqrt(var + eps) whatever the batch holds */
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_linear(g, "fc", nn_graph_input(g, "image", 1, 1, 1), 1, false);
	nn_graph_output(g, "out", nn_batchnorm(g, "bn", x, ACT_NONE));
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	struct nn_stats *stats = nn_stats_new(mem);
	struct nn_stat *s = nn_stats_add(stats, "bn", 1);
	s->mean[0] = 1;
	s->var[0] = 3;
	s->batches = 1;
	nn_ctx_reset(cpu);
	struct nn_net *net = bind(cpu, g, values, grads, 2);
	memcpy(nn_input(net, "image"), (float[]){ 4, -9 }, 2 * sizeof(float));
	nn_set_stats(net, stats);
	assert_ok(nn_forward(net, NN_BN_FIXED));
	memcpy(nn_seed(net, "out"), (float[]){ 1, 2 }, 2 * sizeof(float));
	assert_ok(nn_backward(net));
	assert_near(nn_store_find(grads, "fc/weight")->data[0], (4 - 18) / sqrt(3 + 1e-5), 1e-5);
}

static void dropout_and_droppath_act_in_training_only_and_keep_the_mean(void **state)
{
	(void)state;
	enum { N = 400 };
	const char *kind[] = { "dropout", "droppath" };
	for (int k = 0; k < 2; k++) {
		struct nn_graph *g = nn_graph_new(mem);
		int x = nn_graph_input(g, "image", 1, 1, 10);
		nn_graph_output(g, "out", k ? nn_droppath(g, "d", x, 0.25) : nn_dropout(g, "d", x, 0.25));
		struct nn_store *values = values_of(g);
		float one[N * 10], first[N * 10];
		for (int i = 0; i < N * 10; i++)
			one[i] = 1;
		for (int training = 0; training < 3; training++) {       /* off, on, on at another step */
			nn_ctx_reset(cpu);
			cpu->step_number = training;
			struct nn_net *net = bind(cpu, g, values, NULL, N);
			nn_set_input(net, "image", one);
			nn_set_training(net, training > 0);
			assert_ok(nn_forward(net, NN_BN_BATCH));
			const float *y = nn_output(net, "out", NULL);
			double sum = 0;
			for (int i = 0; i < N * 10; i++) {
				sum += y[i];
				if (!training)
					assert_near(y[i], 1, 0);
				else if (y[i] != 0)
					assert_near(y[i], 1 / 0.75, 1e-6);
				if (k && i % 10)
					assert_true(y[i] == y[i - 1]);    /* all of an image or nothing */
			}
			/* 5 standard deviations of the mean of the draws */
			if (fabs(sum / (N * 10) - 1) > 5 * sqrt(0.25 / 0.75 / (k ? N : N * 10)))
				fail_msg("%s: mean %g", kind[k], sum / (N * 10));
			if (training == 2)
				assert_memory_not_equal(y, first, sizeof first);
			memcpy(first, y, sizeof first);
		}
		cpu->step_number = 0;
	}
}

static void memory_does_not_grow_with_steps(void **state)
{
	(void)state;
	struct nn_graph *g = small_network();
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	struct nn_ctx *ctx = nn_ctx_new(mem, pool, backend_find("cpu"));
	float out[40 * 5];
	size_t held = 0;
	for (int i = 0; i < 12; i++) {
		step(ctx, g, values, grads, 40, out);
		if (i == 1)
			held = arena_peak(ctx->step) + arena_peak(ctx->touched.mem);
	}
	assert_int_equal(arena_peak(ctx->step) + arena_peak(ctx->touched.mem), held);
	nn_ctx_free(ctx);
}

static void misuse_is_reported(void **state)
{
	(void)state;
	struct nn_graph *g = small_network();
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values), *empty = nn_store_new(mem);
	nn_ctx_reset(cpu);
	assert_null(nn_bind(cpu, g, empty, NULL, 4));
	assert_fails(err_code(), ERR_INTERNAL, "parameter stem/weight: the values have no tensor of this name");
	assert_null(nn_bind(cpu, g, values, empty, 4));
	assert_fails(err_code(), ERR_INTERNAL, "parameter stem/weight: the gradients have no tensor");
	assert_null(nn_bind(cpu, g, values, NULL, 0));
	err_clear();
	struct nn_net *net = bind(cpu, g, values, NULL, 4);
	assert_fails(nn_forward(net, NN_BN_BATCH), ERR_INTERNAL, "input image was not set");
	assert_null(nn_output(net, "logits", NULL));
	assert_fails(err_code(), ERR_INTERNAL, "no output logits");
	assert_null(nn_input(net, "picture"));
	assert_fails(err_code(), ERR_INTERNAL, "no input picture");
	fill_input(net, 4);
	assert_ok(nn_forward(net, NN_BN_BATCH));
	assert_fails(nn_backward(net), ERR_INTERNAL, "bound without gradients");
	net = bind(cpu, g, values, grads, 4);
	fill_input(net, 4);
	assert_fails(nn_backward(net), ERR_INTERNAL, "needs an nn_forward");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_the_same_bits_for_every_thread_count),
		cmocka_unit_test(gradients_of_a_network_match_finite_differences),
		cmocka_unit_test(forward_without_gradients_gives_the_same_bits_in_less_memory),
		cmocka_unit_test(outputs_inside_the_network_keep_their_values),
		cmocka_unit_test(a_relu_that_is_not_stored_computes_what_a_stored_one_does),
		cmocka_unit_test(two_nets_in_one_step_add_their_gradients),
		cmocka_unit_test(a_gradient_may_be_seeded_on_any_output_and_adds),
		cmocka_unit_test(a_parameter_used_twice_gets_both_gradients),
		cmocka_unit_test(gradients_of_a_view_land_in_its_box),
		cmocka_unit_test(frozen_parameters_and_grad_scale_stop_gradients),
		cmocka_unit_test(accumulated_statistics_are_plain_means_and_fix_the_network),
		cmocka_unit_test(fixed_statistics_are_constants_of_the_gradient),
		cmocka_unit_test(dropout_and_droppath_act_in_training_only_and_keep_the_mean),
		cmocka_unit_test(memory_does_not_grow_with_steps),
		cmocka_unit_test(misuse_is_reported),
	};
	return cmocka_run_group_tests_name("net", tests, setup, teardown);
}
