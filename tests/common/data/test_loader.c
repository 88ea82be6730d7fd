/* The loader: every image once, the same bits for any number of threads, buffers that stay valid. */
#include "tests/harness.h"

#include "data/loader.h"

enum { TRAIN = 37, VALID = 11, TEST = 3, SIDE = 6, SIZE = SIDE * SIDE * 3 };

static uint8_t images[(TRAIN + VALID + TEST) * SIZE];
static const double mean[3] = { 100, 120, 140 }, sd[3] = { 50, 60, 70 };
static int32_t label[TRAIN + VALID + TEST];
static char *class_name[2] = { (char[]){ "a" }, (char[]){ "b" } };

static struct dataset dataset(void)
{
	for (int i = 0; i < (TRAIN + VALID + TEST) * SIZE; i++)
		images[i] = (uint8_t)((i / SIZE * 5 + i * 7 + i % SIZE * i) % 256);
	for (int i = 0; i < TRAIN + VALID + TEST; i++)
		label[i] = i % 2;
	return (struct dataset){ .count = TRAIN + VALID + TEST, .h = SIDE, .w = SIDE, .c = 3, .type = H5_U8, .images = images,
	                         .first = { 0, TRAIN, TRAIN + VALID }, .size = { TRAIN, VALID, TEST }, .mean = mean, .sd = sd };
}

static struct labels labels(void)
{
	return (struct labels){ .count = TRAIN + VALID + TEST, .classes = 2, .label = label, .class_name = class_name };
}

static struct loader_settings settings(void)
{
	struct loader_settings s = { .split = DATA_TRAIN, .batch = 8, .views = 2, .shuffle = true, .seed = 5, .purpose = "test" };
	assert_ok(augment_parse("contrast", &s.augment));
	return s;
}

struct open { struct arena *mem; struct pool *pool; struct dataset d; struct labels l; struct loader *loader; };

static struct open start(const struct loader_settings *s, int threads)
{
	struct open o = { .mem = arena_new(), .pool = pool_new(threads), .d = dataset(), .l = labels() };
	struct dataset *d = ARENA_NEW(o.mem, struct dataset, 1);
	struct labels *l = ARENA_NEW(o.mem, struct labels, 1);
	*d = o.d, *l = o.l;
	o.loader = loader_new(o.mem, o.pool, d, l, s);
	return o;
}

static void stop(struct open *o)
{
	loader_finish(o->loader);
	pool_free(o->pool);
	arena_free(o->mem);
}

/* Two epochs with 1, 2, 3 threads, bit for bit; and random access gives the same as walking. */
static void batches_do_not_depend_on_threads_or_on_the_way_to_them(void **state)
{
	(void)state;
	enum { BATCHES = 4, FLOATS = 2 * 8 * SIZE };
	float *want = calloc(2 * BATCHES, FLOATS * sizeof(float));
	const struct loader_settings s = settings();
	for (int threads = 1; threads <= 3; threads++) {
		struct open o = start(&s, threads);
		assert_int_equal(loader_batches(o.loader), BATCHES);
		for (int k = 0; k < 2 * BATCHES; k++) {
			const struct batch *b = loader_get(o.loader, k / BATCHES, k % BATCHES);
			assert_int_equal(b->images, 8);
			if (threads == 1)
				memcpy(want + k * FLOATS, b->data, FLOATS * sizeof(float));
			assert_memory_equal(want + k * FLOATS, b->data, FLOATS * sizeof(float));
		}
		for (int k = 2 * BATCHES - 1; k >= 0; k -= 3)
			assert_memory_equal(want + k * FLOATS, loader_get(o.loader, k / BATCHES, k % BATCHES)->data, FLOATS * sizeof(float));
		stop(&o);
	}
	free(want);
}

static void a_batch_stays_while_the_next_is_in_use(void **state)
{
	(void)state;
	const struct loader_settings s = settings();
	struct open o = start(&s, 3);
	float copy[2 * 8 * SIZE];
	for (int k = 0; k < 20; k++) {
		const struct batch *b = loader_get(o.loader, k / 4, k % 4);
		const int64_t first = b->index[0];
		memcpy(copy, b->data, sizeof(copy));
		loader_get(o.loader, (k + 1) / 4, (k + 1) % 4);
		pool_finish(o.pool);
		assert_memory_equal(copy, b->data, sizeof(copy));
		assert_int_equal(b->index[0], first);
	}
	stop(&o);
}

static void a_shuffled_epoch_holds_each_image_once_and_drops_the_rest(void **state)
{
	(void)state;
	const struct loader_settings s = settings();
	struct open o = start(&s, 2);
	int order[2][32];
	for (int e = 0; e < 2; e++) {
		int seen[TRAIN] = { 0 };
		for (int b = 0; b < 4; b++) {
			const struct batch *x = loader_get(o.loader, e, b);
			for (int i = 0; i < 8; i++) {
				assert_in_range(x->index[i], 0, TRAIN - 1);
				assert_int_equal(seen[x->index[i]]++, 0);
				assert_int_equal(x->label[i], x->index[i] % 2);
				order[e][8 * b + i] = (int)x->index[i];
			}
		}
	}
	assert_memory_not_equal(order[0], order[1], sizeof(order[0]));
	stop(&o);
}

/* Without shuffling: in order, all of them, normalised by mean and SD, view 0 before view 1. */
static void an_ordered_epoch_holds_all_images_of_the_split(void **state)
{
	(void)state;
	struct loader_settings s = settings();
	s.split = DATA_VALID, s.shuffle = false, s.augment.count = 0, s.batch = 4;
	struct open o = start(&s, 2);
	assert_int_equal(loader_batches(o.loader), 3);
	for (int b = 0; b < 3; b++) {
		const struct batch *x = loader_get(o.loader, 0, b);
		assert_int_equal(x->images, b < 2 ? 4 : 3);
		for (int v = 0; v < 2; v++)
			for (int i = 0; i < x->images; i++) {
				assert_int_equal(x->index[i], TRAIN + 4 * b + i);
				for (int j = 0; j < SIZE; j++)
					assert_near(x->data[(v * x->images + i) * SIZE + j],
					            (images[x->index[i] * SIZE + j] - mean[j % 3]) / sd[j % 3], 1e-6);
			}
	}
	stop(&o);
}

static void a_limit_takes_a_choice_that_the_seed_makes(void **state)
{
	(void)state;
	struct loader_settings s = settings();
	s.limit = 10, s.batch = 10, s.shuffle = false;
	int64_t chosen[3][10];
	for (int k = 0; k < 3; k++) {
		s.seed = k == 2 ? 6 : 5;
		struct open o = start(&s, 1);
		assert_int_equal(loader_images(o.loader), 10);
		memcpy(chosen[k], loader_get(o.loader, k, 0)->index, sizeof(chosen[k]));
		for (int i = 1; i < 10; i++)
			assert_true(chosen[k][i] > chosen[k][i - 1]);
		stop(&o);
	}
	assert_memory_equal(chosen[0], chosen[1], sizeof(chosen[0]));
	assert_memory_not_equal(chosen[0], chosen[2], sizeof(chosen[0]));
}

static void two_loaders_share_a_pool(void **state)
{
	(void)state;
	const struct loader_settings s = settings();
	struct open o = start(&s, 3), alone = start(&s, 1);
	const struct dataset d = dataset();
	struct loader_settings t = settings();
	t.purpose = "other";
	struct loader *other = loader_new(o.mem, o.pool, &d, NULL, &t);
	for (int k = 0; k < 8; k++) {
		const struct batch *x = loader_get(o.loader, k / 4, k % 4), *y = loader_get(other, k / 4, k % 4);
		assert_null(y->label);
		assert_memory_equal(x->data, loader_get(alone.loader, k / 4, k % 4)->data, 2 * 8 * SIZE * sizeof(float));
		assert_memory_not_equal(x->data, y->data, 2 * 8 * SIZE * sizeof(float));
	}
	loader_finish(other);
	stop(&o);
	stop(&alone);
}

static void a_batch_larger_than_the_split_is_refused(void **state)
{
	(void)state;
	struct loader_settings s = settings();
	s.batch = TRAIN + 1;
	struct open o = start(&s, 1);
	assert_null(o.loader);
	assert_fails(err_code(), ERR_CONFIG, "38 from 37 images of the train split");
	stop(&o);
}

/* 16-bit images far from zero keep their digits; floats pass through. */
static void every_type_is_normalised(void **state)
{
	(void)state;
	const uint16_t u16[4] = { 60000, 60001, 60002, 60003 };
	const float f32[4] = { -1.5f, 0, 2, 1e6f };
	const double m[1] = { 60001.5 }, one[1] = { 0.5 };
	struct dataset d = { .count = 1, .h = 2, .w = 2, .c = 1, .type = H5_U16, .images = u16, .mean = m, .sd = one };
	float out[4];
	dataset_image(&d, 0, out);
	for (int i = 0; i < 4; i++)
		assert_near(out[i], 2 * i - 3, 0);
	const double zero[1] = { 0 };
	d.type = H5_F32, d.images = f32, d.mean = zero;
	dataset_image(&d, 0, out);
	for (int i = 0; i < 4; i++)
		assert_near(out[i], 2 * f32[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_do_not_depend_on_threads_or_on_the_way_to_them),
		cmocka_unit_test(a_batch_stays_while_the_next_is_in_use),
		cmocka_unit_test(a_shuffled_epoch_holds_each_image_once_and_drops_the_rest),
		cmocka_unit_test(an_ordered_epoch_holds_all_images_of_the_split),
		cmocka_unit_test(a_limit_takes_a_choice_that_the_seed_makes),
		cmocka_unit_test(two_loaders_share_a_pool),
		cmocka_unit_test(a_batch_larger_than_the_split_is_refused),
		cmocka_unit_test(every_type_is_normalised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
