/* Initial values: their spread, and that names alone decide them. */
#include "tests/harness.h"

#include "nn/store.h"

static struct arena *mem;
static int setup(void **state) { (void)state; mem = arena_new(); return 0; }
static int teardown(void **state) { (void)state; arena_free(mem); return 0; }

static double variance(const struct nn_param *p, double *mean)
{
	double sum = 0, squares = 0;
	for (int64_t i = 0; i < p->count; i++)
		sum += p->data[i];
	*mean = sum / (double)p->count;
	for (int64_t i = 0; i < p->count; i++)
		squares += (p->data[i] - *mean) * (p->data[i] - *mean);
	return squares / (double)p->count;
}

static void he_and_xavier_have_the_variance_of_their_papers(void **state)
{
	(void)state;
	struct nn_store *s = nn_store_new(mem);
	struct nn_param *he = nn_store_add(s, "he", (int64_t[]){ 64, 3, 3, 40 }, NN_INIT_HE, true, 0);
	struct nn_param *xavier = nn_store_add(s, "xavier", (int64_t[]){ 100, 1, 1, 200 }, NN_INIT_XAVIER, true, 0);
	struct nn_param *one = nn_store_add(s, "one", (int64_t[]){ 1, 1, 1, 5 }, NN_INIT_ONE, false, 0);
	double mean, bound = sqrt(6.0 / 300);
	nn_init_store(s, 7);
	double v = variance(he, &mean), want = 2.0 / (9 * 64);
	assert_near(v / want, 1, 5 * sqrt(2.0 / 23040));         /* five standard errors */
	assert_near(mean / sqrt(want / 23040), 0, 4);
	v = variance(xavier, &mean);
	assert_near(v / (bound * bound / 3), 1, 5 * sqrt(0.8 / 20000));
	for (int64_t i = 0; i < xavier->count; i++)
		assert_true(fabs(xavier->data[i]) <= bound);
	assert_near(one->data[4], 1, 0);
}

static void names_and_seed_decide_the_values_and_nothing_else(void **state)
{
	(void)state;
	const int64_t shape[4] = { 4, 1, 1, 4 };
	struct nn_store *a = nn_store_new(mem), *b = nn_store_new(mem);
	struct nn_param *first = nn_store_add(a, "first", shape, NN_INIT_HE, true, 0);
	struct nn_param *second = nn_store_add(a, "second", shape, NN_INIT_HE, true, 0);
	struct nn_param *again = nn_store_add(b, "second", shape, NN_INIT_HE, true, 0);
	nn_init_store(a, 7);
	nn_init_store(b, 7);
	assert_memory_equal(second->data, again->data, 16 * sizeof(float));
	assert_memory_not_equal(first->data, second->data, 16 * sizeof(float));
	nn_init_param(again, 8);
	assert_memory_not_equal(second->data, again->data, 16 * sizeof(float));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(he_and_xavier_have_the_variance_of_their_papers),
		cmocka_unit_test(names_and_seed_decide_the_values_and_nothing_else),
	};
	return cmocka_run_group_tests_name("initial values", tests, setup, teardown);
}
