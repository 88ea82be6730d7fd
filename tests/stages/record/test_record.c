/* nas-record: scores that fit their candidates are recorded, all others are refused. */
#include "tests/stages/searched.h"

#include "stages/record/record.h"

static const char *space_path, *candidates_path, *history_path, *out_path;

static int fresh(void **state)
{
	int status = searched_fresh(state);

	space_path = searched_path("space.h5");
	candidates_path = searched_path("candidates.h5");
	history_path = searched_path("history.h5");
	out_path = searched_path("out.h5");
	return status;
}

/* Trial `id` with an architecture of its own. */
static void add(struct history *h, int64_t id, double score)
{
	char text[] = { (char)('0' + id % 3), (char)('0' + id / 3 % 3), (char)('0' + id / 9 % 3), '0', '0', '0', '0', '0', '\0' };
	struct trial *t = searched_tell(h, text, score);

	t->id = id;
	t->macs = 100 + id;
}

static void write_candidates(int64_t first, int n)
{
	struct history c = searched_room(n);

	for (int i = 0; i < n; i++)
		add(&c, first + i, 0);
	assert_ok(candidates_write(&c, candidates_path, "random", &recipe));
}

static const char *scores_path(int shard)
{
	return searched_path(arena_printf(mem, "scores-%d.h5", shard));
}

static void write_scores(int shard, const struct history *h)
{
	assert_ok(scores_write(h, scores_path(shard), "ntxent", &recipe));
}

/* Records shards 0 .. n-1. */
static int tell(int n, const char *history)
{
	const char **scores = ARENA_NEW(mem, const char *, n);
	struct record_args a = { space_path, candidates_path, history, scores, n };

	for (int i = 0; i < n; i++)
		scores[i] = scores_path(i);
	return record(&a, out_path, &recipe, mem);
}

static void two_shards(void)
{
	struct history odd = searched_room(2), even = searched_room(2);

	write_candidates(0, 4);
	add(&odd, 0, -1);
	add(&odd, 2, NAN);
	add(&even, 1, -3);
	add(&even, 3, -2);
	write_scores(0, &odd);
	write_scores(1, &even);
}

static void test_shards_are_joined_in_order_of_trials(void **state)
{
	struct history h;

	(void)state;
	two_shards();
	assert_ok(tell(2, NULL));
	assert_ok(history_read(&h, out_path, s, mem));
	assert_int_equal(h.count, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(h.trial[i].id, i);
		assert_int_equal(h.trial[i].round, 1);
		assert_int_equal(h.trial[i].macs, 100 + i);
	}
	assert_true(h.trial[0].score == -1 && h.trial[1].score == -3 && h.trial[3].score == -2);
	assert_int_equal(h.trial[2].status, TRIAL_FAIL);
	assert_true(isnan(h.trial[2].score));
}

static void test_the_order_of_shards_does_not_matter(void **state)
{
	const char *const scores[] = { scores_path(1), scores_path(0) };
	struct record_args a = { space_path, candidates_path, NULL, scores, 2 };
	char first[1 << 16], second[1 << 16];
	size_t n;
	FILE *f;

	(void)state;
	two_shards();
	assert_ok(tell(2, NULL));
	f = fopen(out_path, "rb");
	n = fread(first, 1, sizeof first, f);
	fclose(f);
	assert_ok(record(&a, out_path, &recipe, mem));
	f = fopen(out_path, "rb");
	assert_int_equal(fread(second, 1, sizeof second, f), n);
	fclose(f);
	assert_memory_equal(first, second, n);
}

static void test_history_grows_and_refuses_what_it_holds(void **state)
{
	struct history old = searched_room(4), more = searched_room(2), h;

	(void)state;
	for (int i = 0; i < 4; i++)
		add(&old, i, -i);
	assert_ok(history_write(&old, history_path, &recipe));
	write_candidates(4, 2);
	add(&more, 4, -7);
	add(&more, 5, -8);
	write_scores(0, &more);
	assert_ok(tell(1, history_path));
	assert_ok(history_read(&h, out_path, s, mem));
	assert_int_equal(h.count, 6);
	assert_true(h.trial[5].score == -8);
	assert_fails(tell(1, out_path), ERR_DATA, "recorded before");
}

static void test_candidates_without_a_score_are_counted_and_named(void **state)
{
	(void)state;
	two_shards();
	assert_fails(tell(1, NULL), ERR_DATA, "2 of 4 trials have no score, the first of them is trial 1");
}

static void test_scores_that_do_not_belong_are_refused(void **state)
{
	struct history x;

	(void)state;
	two_shards();
	x = searched_room(1);
	add(&x, 9, -1);
	write_scores(2, &x);
	assert_fails(tell(3, NULL), ERR_DATA, "trial 9 is not in");
	x.count = 0;
	add(&x, 3, -1);
	write_scores(2, &x);
	assert_fails(tell(3, NULL), ERR_DATA, "trial 3 was already scored in");
	x.trial[0].id = 2;                          /* the architecture of trial 3 */
	write_scores(0, &x);
	assert_fails(tell(1, NULL), ERR_DATA, "trial 2 is another architecture");
	x.phase = 2;
	write_scores(0, &x);
	assert_fails(tell(1, NULL), ERR_DATA, "phase 2, but");
}

static void test_candidates_of_a_lost_history_are_refused(void **state)
{
	struct history c = searched_room(1), x = searched_room(1);

	(void)state;
	add(&c, 7, 0);
	add(&x, 7, -1);
	c.trial[0].origin = 3;
	assert_ok(candidates_write(&c, candidates_path, "best", &recipe));
	write_scores(0, &x);
	assert_fails(tell(1, NULL), ERR_DATA, "comes from trial 3");
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, fresh, searched_done)
int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_shards_are_joined_in_order_of_trials),
		EACH(test_the_order_of_shards_does_not_matter),
		EACH(test_history_grows_and_refuses_what_it_holds),
		EACH(test_candidates_without_a_score_are_counted_and_named),
		EACH(test_scores_that_do_not_belong_are_refused),
		EACH(test_candidates_of_a_lost_history_are_refused),
	};
	return cmocka_run_group_tests(tests, searched_setup, searched_teardown);
}
