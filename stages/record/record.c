#include "stages/record/record.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "search/history.h"

/* Copies the scores of one shard into the candidates.  from[i]: the file that told about candidate i. */
static int tell(struct history *candidates, const struct record_args *a, const struct history *scores,
                const char *path, const char **from)
{
	if (scores->phase != candidates->phase)
		return err_set(ERR_DATA, "%s: scores of phase %d, but %s is of phase %d; they belong to other weights",
		               path, scores->phase, a->candidates, candidates->phase);
	for (int64_t i = 0; i < scores->count; i++) {
		const struct trial *s = &scores->trial[i];
		const struct trial *found = history_find(candidates, s->id);
		struct trial *c;

		if (!found)
			return err_set(ERR_DATA, "%s:/trial: trial %lld is not in %s; the scores are of other candidates",
			               path, (long long)s->id, a->candidates);
		c = &candidates->trial[found - candidates->trial];
		if (from[found - candidates->trial])
			return err_set(ERR_DATA, "%s:/trial: trial %lld was already scored in %s; give each shard once",
			               path, (long long)s->id, from[found - candidates->trial]);
		if (memcmp(s->code, c->code, (size_t)candidates->decisions))
			return err_set(ERR_DATA,
			               "%s:/arch: trial %lld is another architecture than in %s; the scores are of other "
			               "candidates", path, (long long)s->id, a->candidates);
		if (s->status == TRIAL_PENDING)
			return err_set(ERR_DATA, "%s:/status: trial %lld is pending, expected done or fail", path,
			               (long long)s->id);
		from[found - candidates->trial] = path;
		c->status = s->status;
		c->score = s->score;
		c->loss = s->loss;
		c->top1 = s->top1;
	}
	return 0;
}

static int all_told(const struct history *candidates, const struct record_args *a, const char *const *from)
{
	int64_t missing = 0, first = -1;

	for (int64_t i = 0; i < candidates->count; i++)
		if (!from[i])
			first = missing++ ? first : candidates->trial[i].id;
	if (missing)
		return err_set(ERR_DATA, "%s: %lld of %lld trials have no score, the first of them is trial %lld; give --scores for "
		               "every shard of nas-evaluate", a->candidates, (long long)missing,
		               (long long)candidates->count, (long long)first);
	return 0;
}

static int check_new(const struct history *old, const struct history *candidates, const struct record_args *a)
{
	for (int64_t i = 0; i < candidates->count; i++) {
		int64_t id = candidates->trial[i].id, origin = candidates->trial[i].origin;

		if (old->count && id <= old->trial[old->count - 1].id)
			return err_set(ERR_DATA, "%s:/trial: trial %lld, but %s already goes up to trial %lld; were these candidates "
			               "recorded before?", a->candidates, (long long)id, a->history,
			               (long long)old->trial[old->count - 1].id);
		if (origin >= 0 && !history_find(old, origin) && !history_find(candidates, origin))
			return err_set(ERR_DATA, "%s:/origin: trial %lld comes from trial %lld, which is not in %s; is --history missing?",
			               a->candidates, (long long)id, (long long)origin, a->history ? a->history : a->candidates);
	}
	return 0;
}

static void report(const struct history *candidates)
{
	const struct trial *best = NULL;
	int64_t failed = 0;

	for (int64_t i = 0; i < candidates->count; i++) {
		const struct trial *t = &candidates->trial[i];

		failed += t->status == TRIAL_FAIL;
		if (t->status == TRIAL_DONE && (!best || t->score > best->score))
			best = t;
	}
	log_event("record", "round=%d phase=%d trials=%lld failed=%lld best_trial=%lld best_score=%.6g", candidates->round,
	          candidates->phase, (long long)candidates->count, (long long)failed,
	          (long long)(best ? best->id : -1), best ? best->score : NAN);
}

int record(const struct record_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	struct history candidates, scores, all, old = { 0 };
	struct space *space;
	const char **from;

	TRY(space_read(&space, a->space, mem));
	TRY(candidates_read(&candidates, a->candidates, space, mem));
	if (a->history)
		TRY(history_read(&old, a->history, space, mem));
	TRY(check_new(&old, &candidates, a));
	from = ARENA_NEW(mem, const char *, candidates.count);
	for (int i = 0; i < a->n_scores; i++) {
		TRY(scores_read(&scores, a->scores[i], space, mem));
		TRY(tell(&candidates, a, &scores, a->scores[i], from));
	}
	TRY(all_told(&candidates, a, from));
	all = (struct history){ .decisions = space->decisions, .count = old.count + candidates.count };
	all.trial = ARENA_NEW(mem, struct trial, all.count);
	for (int64_t i = 0; i < all.count; i++)
		all.trial[i] = i < old.count ? old.trial[i] : candidates.trial[i - old.count];
	TRY(history_write(&all, out, recipe));
	report(&candidates);
	return 0;
}
