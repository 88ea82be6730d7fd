/* What tests of the searching stages share: a folder with the space "macro" in it, and trials.
 *
 *   SEARCHED(name) a test that begins with `mem`, `s`, `recipe` and space.h5, and ends with the folder empty
 *   searched_path  a file in the folder */
#ifndef TESTS_STAGES_SEARCHED_H
#define TESTS_STAGES_SEARCHED_H

#include "tests/harness.h"

#include <dirent.h>
#include <unistd.h>
#include "base/log.h"
#include "h5/recipe.h"
#include "search/history.h"
#include "space/space.h"

static struct arena *mem;
static struct space *s;
static struct h5_recipe recipe;
static char searched_folder[] = "/tmp/test_searched_XXXXXX";

static inline const char *searched_path(const char *name)
{
	return arena_printf(mem, "%s/%s", searched_folder, name);
}

static inline int searched_setup(void **state)
{
	(void)state;
	log_quiet(true);
	return mkdtemp(searched_folder) ? 0 : -1;
}

static inline int searched_teardown(void **state)
{
	(void)state;
	return rmdir(searched_folder);
}

static inline int searched_fresh(void **state)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10, .options = "width=0.25" };

	(void)state;
	mem = arena_new();
	recipe = h5_recipe_make(mem, "test", 1, NULL, NULL, 0);
	s = space_new(mem, "macro", &set);
	return s && space_write(s, searched_path("space.h5"), &recipe) >= 0 ? 0 : -1;
}

static inline int searched_done(void **state)
{
	DIR *dir = opendir(searched_folder);
	struct dirent *entry;

	(void)state;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	arena_free(mem);
	return 0;
}

/* cmocka's row of a test that begins and ends so */
#define SEARCHED(f) cmocka_unit_test_setup_teardown(f, searched_fresh, searched_done)

static inline struct history searched_room(int n)
{
	return (struct history){ .decisions = 8, .round = 1, .phase = 1, .trial = ARENA_NEW(mem, struct trial, n) };
}

/* Appends the next trial of round 1, phase 1: done, or failed where the score is NaN.  As many multiply-adds and
 * parameters as the network has. */
static inline struct trial *searched_tell(struct history *h, const char *text, double score)
{
	uint8_t *code = ARENA_NEW(mem, uint8_t, 8);
	struct trial *t = &h->trial[h->count];
	struct nn_cost cost;

	assert_ok(s->type->parse(s, text, code));
	assert_ok(space_cost(s, code, &cost));
	*t = (struct trial){
		.id = h->count++, .origin = -1, .round = h->round, .phase = h->phase, .status = isnan(score) ? TRIAL_FAIL : TRIAL_DONE,
		.code = code, .score = score, .loss = NAN, .top1 = NAN, .macs = cost.macs, .params = cost.params,
	};
	return t;
}

/* Trials with scores -0, -1, ... in history.h5. */
static inline struct history searched_history(const char *const *text, int n)
{
	struct history h = searched_room(n);

	for (int i = 0; i < n; i++)
		searched_tell(&h, text[i], -i);
	assert_ok(history_write(&h, searched_path("history.h5"), &recipe));
	return h;
}

#endif
