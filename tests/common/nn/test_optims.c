/* Optimisers against PyTorch and by hand; what is touched, clipping, averaging. */
#include "tests/harness.h"

#include "base/rng.h"
#include "nn/net.h"
#include "nn/optim.h"
#include "tests/golden/optims.h"

static struct arena *mem;
static struct pool *pool;
static struct nn_ctx *ctx;

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	pool = pool_new(2);
	ctx = nn_ctx_new(mem, pool, backend_find("ref"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pool_free(pool);
	nn_ctx_free(ctx);
	arena_free(mem);
	return 0;
}

static const struct nn_optim *find(const char *name) { return plugin_find(PLUGIN_TABLE(nn_optim_table), "optimiser", name); }

static void touch_all(struct nn_store *grads)
{
	const int64_t zero[4] = { 0 };
	nn_ctx_reset(ctx);
	for (int i = 0; i < grads->count; i++)
		nn_touched_add(&ctx->touched, grads->param[i], zero, grads->param[i]->shape);
}

static struct nn_store *store_of(int count, bool decay)
{
	struct nn_store *s = nn_store_new(mem);
	nn_store_add(s, "w", (int64_t[]){ 1, 1, 1, count }, NN_INIT_ZERO, decay, 0);
	return s;
}

static void steps_agree_with_pytorch(void **state)
{
	(void)state;
	struct nn_optim_settings s = nn_optim_defaults;
	s.weight_decay = 0.01;
	struct nn_optim_settings nesterov = s, ball = s, plain = s, adam = s, rms = s, rms_momentum = s;
	ball.nesterov = false;
	plain.nesterov = false;
	plain.momentum = 0;
	adam.lr = rms.lr = rms_momentum.lr = 0.01;
	rms.momentum = 0;
	struct nn_optim_settings adam_eps = adam, rms_eps = rms;         /* eps large enough to be seen */
	adam_eps.weight_decay = rms_eps.weight_decay = 0;
	adam_eps.eps = rms_eps.eps = 0.1;
	adam_eps.beta1 = 0.8;
	adam_eps.beta2 = 0.95;
	rms_eps.rms_alpha = 0.9;
	const struct { const char *optim; struct nn_optim_settings *s; const double *want; } cases[] = {
		{ "sgd", &nesterov, golden_nesterov }, { "sgd", &ball, golden_heavy_ball }, { "sgd", &plain, golden_plain },
		{ "adam", &adam, golden_adam }, { "rmsprop", &rms, golden_rmsprop },
		{ "rmsprop", &rms_momentum, golden_rmsprop_momentum },
		{ "adam", &adam_eps, golden_adam_eps }, { "rmsprop", &rms_eps, golden_rmsprop_eps },
	};
	for (int k = 0; k < 8; k++) {
		struct nn_store *values = store_of(12, true), *grads = nn_store_like(mem, values);
		struct nn_optim_state *st = nn_optim_new(mem, find(cases[k].optim), values);
		for (int i = 0; i < 12; i++)
			values->param[0]->data[i] = (float)(i % 7 - 3) / 4;
		for (int t = 0; t < 5; t++) {
			touch_all(grads);
			for (int i = 0; i < 12; i++)
				grads->param[0]->data[i] = (float)((5 * i + 3 * t) % 11 - 5) / 8;
			assert_ok(nn_optim_step(ctx, st, cases[k].s, -1, values, grads, NULL));
		}
		for (int i = 0; i < 12; i++) {
			assert_near(values->param[0]->data[i], cases[k].want[i], 1e-6);
			assert_near(grads->param[0]->data[i], 0, 0);
		}
	}
}

static void lars_takes_the_trust_ratio_of_the_paper(void **state)
{
	(void)state;
	/* |w| = 5, |g| = 13, decay 0.1: ratio = 0.001 * 5 / (13 + 0.5); v = lr ratio (g + 0.1 w) */
	struct nn_optim_settings s = nn_optim_defaults;
	s.lr = 2;
	s.weight_decay = 0.1;
	for (int decay = 0; decay < 2; decay++) {
		struct nn_store *values = store_of(2, decay), *grads = nn_store_like(mem, values);
		struct nn_optim_state *st = nn_optim_new(mem, find("lars"), values);
		float *w = values->param[0]->data, *g = grads->param[0]->data;
		double local = decay ? 0.001 * 5 / (13 + 0.5) : 1, d = decay ? 0.1 : 0, norm;
		w[0] = 3;
		w[1] = -4;
		g[0] = 5;
		g[1] = 12;
		touch_all(grads);
		assert_ok(nn_optim_step(ctx, st, &s, -1, values, grads, &norm));
		double v = 2 * local * (5 + d * 3);
		assert_near(norm, 13, 1e-9);
		assert_near(w[0], 3 - v, 1e-6);
		assert_near(w[1], -4 - 2 * local * (12 - d * 4), 1e-6);
		/* the second step, without gradient: momentum alone (and decay at its new ratio) */
		double w0 = w[0], n = hypot(w[0], w[1]), again = decay ? 0.001 * n / (0.1 * n) : 1;
		touch_all(grads);
		assert_ok(nn_optim_step(ctx, st, &s, -1, values, grads, NULL));
		assert_near(w[0], w0 - (0.9 * v + 2 * again * d * w0), 1e-6);
	}
}

static void what_was_not_touched_stays_put_bit_for_bit(void **state)
{
	(void)state;
	struct nn_optim_settings s = nn_optim_defaults;
	s.weight_decay = 0.1;
	for (int o = 0; nn_optim_table[o]; o++) {
		struct nn_store *values = nn_store_new(mem);
		const int64_t shape[4] = { 3, 2, 2, 4 };
		nn_store_add(values, "a", shape, NN_INIT_HE, true, 0);
		nn_store_add(values, "b", shape, NN_INIT_HE, true, 0);
		nn_store_add(values, "other group", shape, NN_INIT_HE, true, 1);
		nn_init_store(values, 1);
		struct nn_store *grads = nn_store_like(mem, values), *before = nn_store_like(mem, values);
		nn_store_copy(before, values);
		struct nn_optim_state *st = nn_optim_new(mem, nn_optim_table[o], values);
		for (int i = 0; i < 3; i++)
			for (int k = 0; k < 48; k++)
				grads->param[i]->data[k] = 1;
		/* two boxes that overlap: rows (out) 0 .. 1 and 1 .. 2, channels 0 .. 2 and 1 .. 3 */
		nn_ctx_reset(ctx);
		nn_touched_add(&ctx->touched, grads->param[0], (int64_t[]){ 0, 0, 0, 0 }, (int64_t[]){ 2, 2, 2, 3 });
		nn_touched_add(&ctx->touched, grads->param[0], (int64_t[]){ 1, 0, 0, 1 }, (int64_t[]){ 2, 2, 2, 3 });
		nn_touched_add(&ctx->touched, grads->param[2], (int64_t[]){ 0, 0, 0, 0 }, (int64_t[]){ 3, 2, 2, 4 });
		double norm;
		assert_ok(nn_optim_step(ctx, st, &s, 0, values, grads, &norm));
		/* 4 pixels of 2 x 3 + 2 x 3 - 1 x 2 = 10 numbers, each once */
		assert_near(norm, sqrt(40), 1e-6);
		for (int k = 0; k < 48; k++) {
			int out = k / 16, in = k % 4;
			bool touched = (out < 2 && in < 3) || (out > 0 && in > 0);
			bool same = !memcmp(&values->param[0]->data[k], &before->param[0]->data[k], sizeof(float));
			assert_int_equal(same, !touched);
			assert_near(grads->param[0]->data[k], touched ? 0 : 1, 0);
			for (int slot = 0; slot < st->optim->slots; slot++)
				assert_int_equal(st->slot[slot]->param[0]->data[k] != 0, touched);
		}
		for (int i = 1; i < 3; i++) {
			assert_memory_equal(values->param[i]->data, before->param[i]->data, 48 * sizeof(float));
			assert_near(grads->param[i]->data[0], 1, 0);
		}
	}
}

static void a_number_in_two_views_is_stepped_once(void **state)
{
	(void)state;
	struct nn_optim_settings s = nn_optim_defaults;
	s.nesterov = false;
	struct nn_store *values = store_of(6, false), *grads = nn_store_like(mem, values);
	struct nn_optim_state *st = nn_optim_new(mem, find("sgd"), values);
	for (int i = 0; i < 6; i++)
		grads->param[0]->data[i] = 1;
	nn_ctx_reset(ctx);
	for (int from = 0; from < 4; from++)
		nn_touched_add(&ctx->touched, grads->param[0], (int64_t[]){ 0, 0, 0, from }, (int64_t[]){ 1, 1, 1, 2 });
	assert_ok(nn_optim_step(ctx, st, &s, -1, values, grads, NULL));
	for (int i = 0; i < 6; i++)
		assert_near(values->param[0]->data[i], i < 5 ? -0.1 : 0, 1e-7);
}

static void clipping_scales_the_whole_gradient(void **state)
{
	(void)state;
	struct nn_optim_settings s = nn_optim_defaults;
	s.momentum = 0;
	s.nesterov = false;
	s.lr = 1;
	for (int above = 0; above < 2; above++) {
		struct nn_store *values = nn_store_new(mem);
		nn_store_add(values, "a", (int64_t[]){ 1, 1, 1, 1 }, NN_INIT_ZERO, true, 0);
		nn_store_add(values, "b", (int64_t[]){ 1, 1, 1, 1 }, NN_INIT_ZERO, true, 0);
		struct nn_store *grads = nn_store_like(mem, values);
		struct nn_optim_state *st = nn_optim_new(mem, find("sgd"), values);
		double norm;
		grads->param[0]->data[0] = 3;
		grads->param[1]->data[0] = 4;
		s.clip = above ? 1 : 6;
		touch_all(grads);
		assert_ok(nn_optim_step(ctx, st, &s, -1, values, grads, &norm));
		assert_near(norm, 5, 1e-9);
		assert_near(values->param[0]->data[0], above ? -0.6 : -3, 1e-6);
		assert_near(values->param[1]->data[0], above ? -0.8 : -4, 1e-6);
	}
}

static void a_gradient_that_is_not_finite_is_refused(void **state)
{
	(void)state;
	struct nn_store *values = store_of(3, true), *grads = nn_store_like(mem, values);
	struct nn_optim_state *st = nn_optim_new(mem, find("sgd"), values);
	grads->param[0]->data[1] = NAN;
	touch_all(grads);
	assert_fails(nn_optim_step(ctx, st, &nn_optim_defaults, -1, values, grads, NULL), ERR_DATA, "not finite (first in w)");
	assert_near(values->param[0]->data[0], 0, 0);
	assert_int_equal(st->steps, 0);
}

static void the_average_follows_the_values(void **state)
{
	(void)state;
	struct nn_store *values = store_of(1, true), *average = nn_store_like(mem, values);
	values->param[0]->data[0] = 10;
	nn_average(average, values, 0.99, 0);            /* d = min(0.99, 1 / 10) */
	assert_near(average->param[0]->data[0], 9, 1e-6);
	nn_average(average, values, 0.99, 100000);       /* d = 0.99 */
	assert_near(average->param[0]->data[0], 0.99 * 9 + 0.1, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_agree_with_pytorch),
		cmocka_unit_test(lars_takes_the_trust_ratio_of_the_paper),
		cmocka_unit_test(what_was_not_touched_stays_put_bit_for_bit),
		cmocka_unit_test(a_number_in_two_views_is_stepped_once),
		cmocka_unit_test(clipping_scales_the_whole_gradient),
		cmocka_unit_test(a_gradient_that_is_not_finite_is_refused),
		cmocka_unit_test(the_average_follows_the_values),
	};
	return cmocka_run_group_tests_name("optims", tests, setup, teardown);
}
