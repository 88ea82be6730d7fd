/* nas-rank: what is compared with what, and files that hold no values. */
#include "tests/stages/searched.h"

#include "base/err.h"
#include "h5/file.h"
#include "stages/rank/ranking.h"

extern const struct h5_schema h5_schema_ranking;

/* Depths 8, 8, 1, 8, 3, 1; scores 0, -1, ... -5 in this order. */
static const char *const told[] = { "22222222", "11111111", "10000000", "12121212", "10100100", "20000000" };

static const char *scores[2];

static struct ranking_args ready(void)
{
	struct ranking_args a = { .from = { .strata = "depth", .bins = 2 }, .how = { .top = 2, .samples = 200, .seed = 1 } };

	searched_history(told, 6);
	a.from.space = searched_path("space.h5");
	scores[0] = searched_path("history.h5");
	a.from.scores = scores;
	a.from.n_scores = 1;
	return a;
}

static const char *text_file(const char *text)
{
	const char *path = searched_path("truth.tsv");
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static const struct comparison *find(const struct comparison *c, int64_t n, const char *predictor, const char *target, const char *stratum)
{
	for (int64_t i = 0; i < n; i++)
		if (!strcmp(c[i].predictor, predictor) && !strcmp(c[i].target, target) && !strcmp(c[i].stratum, stratum))
			return &c[i];
	fail_msg("no comparison of %s with %s, %s", predictor, target, stratum);
	return NULL;
}

static void test_scores_are_compared_with_costs_over_all_and_inside_equal_depth(void **state)
{
	struct ranking_args a = ready();
	struct networks n;
	struct comparison *c;
	int64_t count;

	(void)state;
	assert_ok(networks_read(&n, &a.from, mem));
	assert_int_equal(n.count, 6);
	assert_near(n.depth[0], 8, 0);
	assert_near(n.depth[4], 3, 0);
	count = compare(&n, &a.how, mem, &c);
	/* depth, larger first: 8 8 1 8 3 1 against scores that fall: of 15 pairs 4 are tied (three 8, two 1); the pairs
	 * (2,3), (2,4) are discordant, 9 concordant */
	assert_near(find(c, count, "score", "depth", "all")->tau, 7 / sqrt(15.0 * 11), 1e-12);
	assert_true(isnan(find(c, count, "score", "depth", "within")->tau));
	/* macs inside depth 8: 22222222 > 12121212 > 11111111, one of three discordant; inside depth 1: 20000000 > 10000000,
	 * discordant; so 2 - 2 of 4 pairs */
	assert_near(find(c, count, "score", "macs", "within")->tau, 0, 1e-12);
	for (int64_t i = 0; i < count; i++)
		assert_true(strcmp(c[i].target, "value"));
}

static void test_known_values_are_compared_with_scores_and_with_costs(void **state)
{
	struct ranking_args a = ready();
	const struct comparison *row;
	struct networks n;
	struct comparison *c;
	int64_t count;
	double low;

	(void)state;
	/* 11111111 is unknown */
	a.from.truth = text_file("# code and accuracy\n10000000\t0.5\n22222222\t0.9\n12121212\t0.7\n\n10100100\t0.6\n20000000\t0.55 \n");
	assert_ok(networks_read(&n, &a.from, mem));
	assert_true(isnan(n.value[1]));
	count = compare(&n, &a.how, mem, &c);
	row = find(c, count, "score", "value", "all");
	assert_int_equal(row->networks, 5);
	/* scores fall along 0.9 0.5 0.7 0.6 0.55: seven of ten pairs agree */
	assert_near(row->tau, 0.4, 1e-12);
	assert_near(row->precision, 0.5, 0);             /* predicted 22222222 10000000, true 22222222 12121212 */
	assert_near(row->best_of_top, 0.9, 0);
	assert_near(row->best, 0.9, 0);
	assert_true(row->low < row->tau && row->tau < row->high && row->high <= 1);
	assert_true(isnan(row->lead));
	low = row->low;
	/* multiply-adds order these five as the values do, in each sample too: the score is behind by 1 less its own */
	row = find(c, count, "macs", "value", "all");
	assert_near(row->tau, 1, 1e-12);
	assert_near(row->lead, 0.4 - 1, 1e-12);
	assert_near(row->lead_low, low - 1, 1e-12);
	assert_true(row->lead_low < row->lead && row->lead < row->lead_high && row->lead_high <= 1e-12);
}

static void test_the_file_holds_networks_and_comparisons_and_the_texts_say_the_same(void **state)
{
	struct ranking_args a = ready();
	char line[512], **codes;
	struct h5_file *f;
	int64_t n;
	FILE *t;

	(void)state;
	a.scores_out = searched_path("scores.tsv");
	a.table_out = searched_path("table.tsv");
	a.from.against = scores[0];                  /* itself: the same order */
	assert_ok(ranking(&a, searched_path("ranking.h5"), &recipe, mem));
	assert_ok(h5_open(&f, searched_path("ranking.h5"), &h5_schema_ranking));
	assert_ok(h5_read_texts(f, "/code", mem, &n, &codes));
	assert_int_equal(n, 6);
	assert_string_equal(codes[3], "12121212");
	h5_close(f);
	t = fopen(a.scores_out, "r");
	assert_non_null(fgets(line, sizeof line, t));
	assert_string_equal(line, "22222222\t0\n");
	fclose(t);
	t = fopen(a.table_out, "r");
	while (fgets(line, sizeof line, t) && strncmp(line, "score\tvalue\tall\t", 16))
		;
	assert_string_equal(line, "score\tvalue\tall\t6\t1\t1\t1\t-\t-\t-\t1\t1\t1\t0\t0\n");
	fclose(t);
}

static void test_of_several_files_the_mean_of_common_networks_counts(void **state)
{
	struct ranking_args a = ready();
	struct history h = searched_room(5);
	struct networks n;

	(void)state;
	searched_tell(&h, "10100100", 3);        /* told again below: the newest counts */
	searched_tell(&h, "10100100", 5);
	searched_tell(&h, "11111111", -7);
	searched_tell(&h, "00000000", 9);
	searched_tell(&h, "22222222", 1);
	scores[1] = searched_path("second.h5");
	assert_ok(history_write(&h, scores[1], &recipe));
	a.from.n_scores = 2;
	assert_ok(networks_read(&n, &a.from, mem));
	/* in the order of the first file: 22222222 (0, 1), 11111111 (-1, -7), 10100100 (-4, 5) */
	assert_int_equal(n.count, 3);
	assert_near(n.score[0], 0.5, 1e-15);
	assert_near(n.score[1], -4, 1e-15);
	assert_near(n.score[2], 0.5, 1e-15);
	/* means 0.5 -4 0.5 about -1: between 2 (2.25 + 9 + 2.25) / 2 = 13.5; within (0.5 + 18 + 40.5) / 3 */
	assert_near(n.intraclass, (13.5 - 59.0 / 3) / (13.5 + 59.0 / 3), 1e-12);
}

static void refused(const char *truth, const char *message)
{
	struct ranking_args a = ready();
	struct networks n;

	err_clear();
	a.from.truth = text_file(truth);
	assert_int_equal(networks_read(&n, &a.from, mem), ERR_DATA);
	if (!strstr(err_text(), message) || !strstr(err_text(), "truth.tsv"))
		fail_msg("\"%s\" lacks \"%s\"", err_text(), message);
}

static void test_a_file_without_values_is_refused_by_line(void **state)
{
	(void)state;
	refused("", "no values");
	refused("22222222 0.5\n", ":1: \"22222222 0.5\", expected an architecture, a tab");
	refused("22222222\t0.5\n22222223\t0.5\n", ":2: ");
	refused("22222222\tnan\n", ":1: value \"nan\"");
	refused("10000000\t1\n11111111\t1\n10000000\t2\n", ":3: the network of line 1 once more");
	refused("22222222\t0.5\n00000000\t0.5\n", "values of 1 of the 6 networks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEARCHED(test_scores_are_compared_with_costs_over_all_and_inside_equal_depth),
		SEARCHED(test_known_values_are_compared_with_scores_and_with_costs),
		SEARCHED(test_the_file_holds_networks_and_comparisons_and_the_texts_say_the_same),
		SEARCHED(test_of_several_files_the_mean_of_common_networks_counts),
		SEARCHED(test_a_file_without_values_is_refused_by_line),
	};
	return cmocka_run_group_tests(tests, searched_setup, searched_teardown);
}
