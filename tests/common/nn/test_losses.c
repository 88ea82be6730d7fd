/* Losses: by hand, and their gradients against finite differences. */
#include "tests/harness.h"

#include "base/rng.h"
#include "nn/loss.h"

static const struct nn_loss *crossentropy(void)
{
	return plugin_find(PLUGIN_TABLE(nn_loss_table), "loss", "crossentropy");
}

static void crossentropy_is_the_mean_negative_log_probability(void **state)
{
	(void)state;
	/* softmax of (ln 1, ln 2, ln 5) = (1, 2, 5) / 8 */
	const float x[6] = { 0, (float)log(2), (float)log(5), 0, (float)log(2), (float)log(5) };
	const int32_t label[2] = { 2, 0 };
	float dx[6];
	assert_near(crossentropy()->value(2, 3, x, label, 0, dx), (log(8.0 / 5) + log(8)) / 2, 1e-6);
	const double want[6] = { 1 / 16., 2 / 16., -3 / 16., -7 / 16., 2 / 16., 5 / 16. };
	for (int i = 0; i < 6; i++)
		assert_near(dx[i], want[i], 1e-6);
	/* smoothing 0.3: 0.8 on the label, 0.1 on the others */
	double smooth = -(0.1 * log(1 / 8.) + 0.1 * log(2 / 8.) + 0.8 * log(5 / 8.));
	assert_near(crossentropy()->value(1, 3, x, label, 0.3, dx), smooth, 1e-6);
	assert_near(dx[2], 5 / 8. - 0.8, 1e-6);
	assert_near(dx[0], 1 / 8. - 0.1, 1e-6);
}

static void crossentropy_stands_large_outputs(void **state)
{
	(void)state;
	const float x[3] = { 10000, -10000, 0 };
	const int32_t label = 1;
	float dx[3];
	assert_near(crossentropy()->value(1, 3, x, &label, 0, dx), 20000, 1e-9);
	assert_near(dx[0], 1, 1e-9);
	assert_near(dx[1], -1, 1e-9);
}

static void every_loss_gradient_matches_finite_differences(void **state)
{
	(void)state;
	enum { N = 7, C = 5 };
	float x[N * C], dx[N * C];
	int32_t label[N];
	struct rng r = rng_stream(1, "losses", 0, 0, 0);
	for (int i = 0; i < N * C; i++)
		x[i] = (float)(2 * rng_normal(&r));
	for (int i = 0; i < N; i++)
		label[i] = (int32_t)rng_below(&r, C);
	for (int k = 0; nn_loss_table[k]; k++)
		for (int s = 0; s < 2; s++) {
			double smoothing = 0.1 * s;
			nn_loss_table[k]->value(N, C, x, label, smoothing, dx);
			for (int i = 0; i < N * C; i++) {
				float kept = x[i], up = kept + 1e-2f, down = kept - 1e-2f;
				x[i] = up;
				double difference = nn_loss_table[k]->value(N, C, x, label, smoothing, NULL);
				x[i] = down;
				difference -= nn_loss_table[k]->value(N, C, x, label, smoothing, NULL);
				x[i] = kept;
				assert_near(difference / ((double)up - down), dx[i], 1e-5);
			}
		}
}

static void predictions_take_the_first_of_equals(void **state)
{
	(void)state;
	const float x[8] = { 1, 3, 3, 0, 2, 2, 1, 2 };
	float p[8];
	assert_int_equal(nn_count_correct(2, 4, x, (const int32_t[]){ 1, 0 }), 2);
	assert_int_equal(nn_count_correct(2, 4, x, (const int32_t[]){ 2, 3 }), 0);
	nn_softmax(2, 4, x, p);
	assert_near(p[1], exp(3) / (exp(1) + 2 * exp(3) + 1), 1e-6);
	assert_near(p[4] + p[5] + p[6] + p[7], 1, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crossentropy_is_the_mean_negative_log_probability),
		cmocka_unit_test(crossentropy_stands_large_outputs),
		cmocka_unit_test(every_loss_gradient_matches_finite_differences),
		cmocka_unit_test(predictions_take_the_first_of_equals),
	};
	return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
