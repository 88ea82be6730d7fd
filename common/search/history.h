/* Trials: what was asked, and what was told.  history.h5, candidates.h5 and scores.h5 in memory.
 *
 * score: larger is better.  A phase is the set of weights (and images) that gave a score; scores of
 * different phases are not comparable.  A trial scored again in a later phase is a new trial whose
 * `origin` is the id of the first one. */
#ifndef SEARCH_HISTORY_H
#define SEARCH_HISTORY_H

#include <stdint.h>
#include "base/arena.h"
#include "space/space.h"

enum trial_status { TRIAL_PENDING, TRIAL_DONE, TRIAL_FAIL };

struct trial {
	int64_t id;
	int64_t origin;              /* id of the first trial of this architecture, or -1 */
	int32_t round, phase;
	uint8_t status;              /* enum trial_status */
	const uint8_t *code;         /* (decisions), canonical */
	double score;                /* NaN unless done */
	double top1, loss;           /* with labels, where asked for; else NaN */
	int64_t macs, params;
};

struct history {
	int decisions;
	int64_t count;
	struct trial *trial;
	int32_t round, phase;        /* of a candidates or scores file (its attributes) */
};

/* Reads check what a schema cannot: ids ascend, codes are in range and canonical, scores are numbers
 * where a trial is done. */

struct h5_recipe;
/* history.h5 */
int history_read(struct history *h, const char *path, const struct space *s, struct arena *mem);
int history_write(const struct history *h, const char *path, const struct h5_recipe *recipe);
/* candidates.h5: trials that are pending (scores ignored) */
int candidates_read(struct history *h, const char *path, const struct space *s, struct arena *mem);
int candidates_write(const struct history *h, const char *path, const char *strategy,
                     const struct h5_recipe *recipe);
/* scores.h5: the candidates of one shard, done or failed.  loss and top1 are written where any trial has
 * them.  Scores name neither origin nor cost: -1 and 0 after reading. */
int scores_read(struct history *h, const char *path, const struct space *s, struct arena *mem);
int scores_write(const struct history *h, const char *path, const char *objective,
                 const struct h5_recipe *recipe);

/* What a strategy may learn from: per distinct architecture only the newest one, or with repeats all of its
 * newest phase; trials that use masked choices left out; value = (rank within phase, best = 1; ties share the
 * mean) / trials done in that phase, so smaller is better and phases compare.  failed and pending trials have
 * value = +inf.  In order of id. */
struct observation { const struct trial *trial; double value; };
int64_t history_observations(const struct history *h, const struct space *s, bool repeats, struct arena *mem,
                             struct observation **o);

int observation_by_value(const void *a, const void *b);              /* for qsort: best first, ties by id */

int32_t history_last_phase(const struct history *h);                 /* largest phase with a trial that is done, or -1 */
const struct trial *history_find(const struct history *h, int64_t id);
/* Trial of that canonical code with the smallest id, or NULL. */
const struct trial *history_first(const struct history *h, const uint8_t *code);

#endif
