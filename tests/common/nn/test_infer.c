/* Inference against the walk layer by layer, which a net with a gradient store takes. */
#include "tests/arena.h"
#include "tests/harness.h"

#include "base/rng.h"
#include "nn/layers.h"
#include "nn/net.h"

static float *noise(int64_t n, const char *purpose)
{
	struct rng r = rng_stream(5, purpose, 0, 0, 0);
	float *x = arena_raw(mem, (size_t)n, sizeof *x);
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)rng_normal(&r);
	return x;
}

enum { SIDE = 16, CHANNELS = 3, MOST = 67 };

/* Every kind of neighbourhood: what can be folded, and what must not be. */
static struct nn_graph *odd_network(void)
{
	struct nn_graph *g = nn_graph_new(mem);
	int image = nn_graph_input(g, "image", SIDE, SIDE, CHANNELS);
	int x = nn_conv_bn(g, "stem", image, 8, 3, 1, ACT_RELU);
	x = nn_inverted_residual(g, "a", x, 8, 3, 1, 3, ACT_RELU6);
	x = nn_dropout(g, "drop", x, 0.2);                               /* the identity; wants scratch */
	int conv = nn_conv(g, "twice", x, 8, 1, 1);                      /* read twice: its batch-norm stays apart */
	int bn = nn_batchnorm(g, "twice/bn", conv, ACT_NONE);
	x = nn_add(g, "twice/add", conv, bn);
	x = nn_add(g, "double", x, x);
	conv = nn_conv(g, "thrice", x, 8, 1, 1);                         /* its last reader is a batch-norm, not the only one */
	int other = nn_act(g, "thrice/relu", conv, ACT_RELU);
	x = nn_add(g, "thrice/add", other, nn_batchnorm(g, "thrice/bn", conv, ACT_NONE));
	int first = nn_conv_bn(g, "first", x, 8, 1, 1, ACT_NONE);        /* the first of two cannot take the second */
	x = nn_add(g, "pair", first, nn_conv_bn(g, "second", x, 8, 1, 1, ACT_NONE));
	int late = nn_conv_bn(g, "late", x, 8, 1, 1, ACT_HSWISH);
	int later = nn_conv_bn(g, "later", x, 8, 3, 1, ACT_NONE);        /* the sum of two: the second takes the first */
	x = nn_add(g, "both", late, later);
	int shown = nn_conv_bn(g, "shown", x, 8, 3, 1, ACT_NONE);
	nn_graph_output(g, "shown", shown);                              /* an output, and read further on */
	x = nn_add(g, "after", x, shown);
	x = nn_squeeze_excite(g, "se", x, 4, ACT_HSIGMOID);
	x = nn_concat(g, "cat", 2, (int[]){ x, late });
	/* a weight that is computed: from parameters alone, once for all images */
	int w = nn_graph_param(g, "soft/weight", (int64_t[]){ 12, 1, 1, 16 }, NN_INIT_HE, true, 0);
	w = nn_act(g, "soft", w, ACT_SIGMOID);
	x = nn_graph_op(g, "conv", "computed", 2, (int[]){ x, w }, 0, NULL);
	x = nn_batchnorm(g, "computed/bn", x, ACT_SWISH);
	int wide = x;                                                    /* read again two segments later */
	x = nn_inverted_residual(g, "b", x, 20, 5, 2, 6, ACT_RELU);
	x = nn_inverted_residual(g, "c", x, 20, 3, 1, 3, ACT_RELU);
	x = nn_inverted_residual(g, "d", x, 24, 3, 2, 7, ACT_RELU);        /* inside, one that fits where `wide` is */
	x = nn_maxpool(g, "max", nn_batchnorm(g, "alone/bn", nn_act(g, "relu", x, ACT_RELU), ACT_NONE), 3, 2);
	x = nn_concat(g, "ends", 2, (int[]){ nn_global_pool(g, "pool", x), nn_global_pool(g, "wide/pool", wide) });
	nn_graph_output(g, "feature", x);
	nn_graph_output(g, "out", nn_linear(g, "fc", nn_graph_find_output(g, "feature"), 5, true));
	assert_ok(nn_graph_check(g));
	return g;
}

static struct nn_store *values_of(const struct nn_graph *g)
{
	struct nn_store *s = nn_store_new(mem);
	assert_ok(nn_graph_params(g, s));
	nn_init_store(s, 3);
	return s;
}

static struct nn_net *forward(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values, struct nn_store *grads,
                              int64_t batch, const float *image, enum nn_bn_mode mode, struct nn_stats *stats)
{
	nn_ctx_reset(ctx);
	struct nn_net *net = nn_bind(ctx, g, values, grads, batch);
	if (!net)
		fail_msg("%s", err_text());
	nn_set_training(net, false);
	nn_set_input(net, "image", image);
	nn_set_stats(net, stats);
	assert_ok(nn_forward(net, mode));
	return net;
}

static float *copy_output(struct nn_net *net, const char *name, size_t *bytes)
{
	struct nn_shape s;
	const float *y = nn_output(net, name, &s);
	*bytes = (size_t)(nn_shape_floats(s)) * sizeof *y;
	return memcpy(arena_raw(mem, *bytes, 1), y, *bytes);
}

static struct nn_stats *calibrate(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values, const float *image)
{
	struct nn_stats *stats = nn_stats_new(mem);
	forward(ctx, g, values, NULL, MOST, image, NN_BN_ACCUMULATE, stats);
	nn_stats_finish(stats);
	return stats;
}

static const char *const outputs[] = { "shown", "feature", "out" };
enum { OUTPUTS = sizeof outputs / sizeof *outputs };

/* Near, not equal: what is fused rounds less often. */
static void inference_gives_what_the_walk_layer_by_layer_gives(void **state)
{
	(void)state;
	struct nn_graph *g = odd_network();
	struct nn_store *values = values_of(g), *grads = nn_store_like(mem, values);
	const float *image = noise(MOST * SIDE * SIDE * CHANNELS, "image");
	struct nn_ctx *ctx = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_stats *stats = calibrate(ctx, g, values, image);
	for (int o = 0; o < OUTPUTS; o++) {
		size_t bytes;
		const float *want = copy_output(forward(ctx, g, values, grads, MOST, image, NN_BN_FIXED, stats), outputs[o], &bytes);
		const float *got = copy_output(forward(ctx, g, values, NULL, MOST, image, NN_BN_FIXED, stats), outputs[o], &bytes);
		for (size_t i = 0; i < bytes / sizeof *got; i++)
			if (!(fabs(got[i] - want[i]) <= 1e-5 * (1 + fabs(want[i]))))
				fail_msg("%s[%zu]: %.9g, expected %.9g", outputs[o], i, got[i], want[i]);
	}
	nn_ctx_free(ctx);
}

static void an_image_has_the_same_bits_in_every_batch_and_for_every_thread_count(void **state)
{
	(void)state;
	const int64_t batches[] = { 1, 2, 31, 64, MOST };
	struct nn_graph *g = odd_network();
	struct nn_store *values = values_of(g);
	const float *image = noise(MOST * SIDE * SIDE * CHANNELS, "image");
	struct nn_ctx *plain = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_stats *stats = calibrate(plain, g, values, image);
	size_t bytes;
	float *want[OUTPUTS];
	for (int o = 0; o < OUTPUTS; o++)
		want[o] = copy_output(forward(plain, g, values, NULL, MOST, image, NN_BN_FIXED, stats), outputs[o], &bytes);
	for (int threads = 1; threads < 4; threads++) {
		struct pool *pool = pool_new(threads);
		struct nn_ctx *ctx = nn_ctx_new(mem, pool, backend_find("cpu"));
		for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
			struct nn_net *net = forward(ctx, g, values, NULL, batches[b], image, NN_BN_FIXED, stats);
			for (int o = 0; o < OUTPUTS; o++) {
				const float *got = copy_output(net, outputs[o], &bytes);
				assert_memory_equal(got, want[o], bytes);
			}
		}
		nn_ctx_free(ctx);
		pool_free(pool);
	}
	nn_ctx_free(plain);
}

static void backends_agree_on_an_inference(void **state)
{
	(void)state;
	struct nn_graph *g = odd_network();
	struct nn_store *values = values_of(g);
	const float *image = noise(MOST * SIDE * SIDE * CHANNELS, "image");
	struct nn_ctx *cpu = nn_ctx_new(mem, NULL, backend_find("cpu")), *ref = nn_ctx_new(mem, NULL, backend_find("ref"));
	struct nn_stats *stats = calibrate(cpu, g, values, image);
	size_t bytes;
	const float *a = copy_output(forward(cpu, g, values, NULL, 11, image, NN_BN_FIXED, stats), "out", &bytes);
	const float *b = copy_output(forward(ref, g, values, NULL, 11, image, NN_BN_FIXED, stats), "out", &bytes);
	for (size_t i = 0; i < bytes / sizeof *a; i++)
		assert_near(a[i], b[i], 1e-4);
	nn_ctx_free(cpu);
	nn_ctx_free(ref);
}

static void one_net_runs_in_every_mode_one_after_the_other(void **state)
{
	(void)state;
	struct nn_graph *g = odd_network();
	struct nn_store *values = values_of(g);
	const float *image = noise(MOST * SIDE * SIDE * CHANNELS, "image");
	struct nn_ctx *ctx = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_stats *stats = calibrate(ctx, g, values, image);
	struct nn_net *net = forward(ctx, g, values, NULL, 9, image, NN_BN_FIXED, stats);
	size_t bytes;
	const float *first = copy_output(net, "out", &bytes);
	assert_ok(nn_forward(net, NN_BN_BATCH));
	const float *other = copy_output(net, "out", &bytes);
	assert_ok(nn_forward(net, NN_BN_FIXED));
	const float *again = copy_output(net, "out", &bytes);
	assert_memory_equal(again, first, bytes);
	assert_memory_not_equal(other, first, bytes);
	nn_ctx_free(ctx);
}

static void memory_does_not_grow_with_the_batch(void **state)
{
	(void)state;
	enum { FEW = 64, MANY = 640 };
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_conv_bn(g, "stem", nn_graph_input(g, "image", SIDE, SIDE, CHANNELS), 32, 3, 1, ACT_RELU);
	x = nn_inverted_residual(g, "a", x, 32, 3, 1, 6, ACT_RELU);
	nn_graph_output(g, "out", nn_global_pool(g, "pool", x));
	struct nn_store *values = values_of(g);
	const float *image = noise(MANY * SIDE * SIDE * CHANNELS, "image");
	struct nn_ctx *other = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_stats *stats = calibrate(other, g, values, image);
	nn_ctx_free(other);
	struct nn_ctx *ctx = nn_ctx_new(mem, NULL, backend_find("cpu"));
	forward(ctx, g, values, NULL, FEW, image, NN_BN_FIXED, stats);
	size_t before = arena_peak(ctx->step);
	forward(ctx, g, values, NULL, MANY, image, NN_BN_FIXED, stats);
	/* the outputs, 32 floats an image, and the plan */
	assert_true(arena_peak(ctx->step) <= before + (1 << 18));
	/* one image's widest tensor is 16 x 16 x 192 floats; a batch of them would be 126 MB */
	assert_true(arena_peak(ctx->step) < 16 << 20);
	nn_ctx_free(ctx);
}

static void missing_statistics_and_inputs_are_named(void **state)
{
	(void)state;
	struct nn_graph *g = odd_network();
	struct nn_store *values = values_of(g);
	struct nn_ctx *ctx = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_net *net = nn_bind(ctx, g, values, NULL, 2);
	assert_fails(nn_forward(net, NN_BN_FIXED), ERR_INTERNAL, "input image was not set");
	nn_set_input(net, "image", noise(2 * SIDE * SIDE * CHANNELS, "image"));
	assert_fails(nn_forward(net, NN_BN_FIXED), ERR_INTERNAL, "nn_set_stats");
	nn_set_stats(net, nn_stats_new(mem));
	assert_fails(nn_forward(net, NN_BN_FIXED), ERR_INTERNAL, "stem/bn: no finished batch-norm statistics");
	nn_ctx_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(inference_gives_what_the_walk_layer_by_layer_gives, setup, teardown),
		cmocka_unit_test_setup_teardown(an_image_has_the_same_bits_in_every_batch_and_for_every_thread_count, setup, teardown),
		cmocka_unit_test_setup_teardown(backends_agree_on_an_inference, setup, teardown),
		cmocka_unit_test_setup_teardown(one_net_runs_in_every_mode_one_after_the_other, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_does_not_grow_with_the_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_statistics_and_inputs_are_named, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
