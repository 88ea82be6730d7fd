#include "stages/propose/propose.h"

#include <math.h>
#include "base/err.h"
#include "base/log.h"

#define CAP_DRAWS 200                /* draws that show how small networks get, for a message */

static int check_order(const struct propose_args *a, const struct history *h)
{
	const struct trial *last = h->count ? &h->trial[h->count - 1] : NULL;

	if (last && a->round < last->round)
		return err_set(ERR_CONFIG, "--round %lld, but %s already holds round %d", (long long)a->round,
		               a->history, last->round);
	if (last && a->phase < last->phase)
		return err_set(ERR_CONFIG, "--phase %lld, but %s already holds phase %d", (long long)a->phase,
		               a->history, last->phase);
	return 0;
}

/* The best old trials whose architecture was not yet scored in this phase. */
static int rescore(struct ask *ask, int64_t n)
{
	struct history *p = ask->proposed;
	const struct trial **best;
	int64_t count = ask_best(ask->history, ask->space, &ask->settings->caps, 0, p->phase - 1, n, ask->mem,
	                         &best);

	if (count < 0)
		return (int)count;
	for (int64_t i = 0; i < count; i++) {
		const struct trial *old = best[i];

		p->trial[p->count++] = (struct trial){
			.id = ask->first_id++, .origin = old->origin >= 0 ? old->origin : old->id, .round = p->round,
			.phase = p->phase, .status = TRIAL_PENDING, .code = old->code, .score = NAN, .loss = NAN, .top1 = NAN,
			.macs = old->macs, .params = old->params,
		};
	}
	return 0;
}

static int any_allowed(const struct ask *ask)
{
	for (int64_t i = 0; i < ask->history->count; i++) {
		int allowed = caps_allow(ask->space, &ask->settings->caps, ask->history->trial[i].code);

		if (allowed)
			return allowed;
	}
	return 0;
}

/* Nothing came: fine when the space is used up, an error when nothing could ever come. */
static int explain_nothing(const struct propose_args *a, const struct ask *ask)
{
	struct nn_cost least = { INT64_MAX, INT64_MAX };
	int allowed;

	if (a->list)
		return err_set(ERR_DATA, "%s: no architecture, expected at least one line with a code of space %s",
		               a->list, ask->space->type->name);
	allowed = any_allowed(ask);
	if (allowed)
		return allowed < 0 ? allowed : 0;
	for (int i = 0; i < CAP_DRAWS; i++) {
		struct rng r = rng_stream(ask->settings->seed, "propose/smallest", (uint32_t)i, 0, 0);
		uint8_t code[SPACE_MAX_DECISIONS];
		struct nn_cost cost;

		space_uniform(ask->space, &r, code);
		TRY(space_cost(ask->space, code, &cost));
		least.macs = cost.macs < least.macs ? cost.macs : least.macs;
		least.params = cost.params < least.params ? cost.params : least.params;
	}
	return err_set(ERR_CONFIG, "strategy %s finds no architecture of space %s within --max-macs %lld and --max-params %lld "
	               "(0: none); the smallest of %d random ones have %lld multiply-adds and %lld parameters: raise the caps or "
	               "make the networks of the space smaller (options of nas-space)", a->strategy, ask->space->type->name,
	               (long long)a->settings.caps.macs, (long long)a->settings.caps.params, CAP_DRAWS, (long long)least.macs, (long long)least.params);
}

static void report(const struct propose_args *a, const struct ask *ask, int64_t rescored)
{
	const struct history *p = ask->proposed;

	if (p->count - rescored < a->k)
		log_event("exhausted", "asked=%lld new=%lld", (long long)a->k, (long long)(p->count - rescored));
	for (int64_t i = 0; i < p->count; i++) {
		const struct trial *t = &p->trial[i];
		char text[SPACE_TEXT];

		ask->space->type->print(ask->space, t->code, text, sizeof text);
		log_event("candidate", "trial=%lld origin=%lld code=%s macs=%lld params=%lld", (long long)t->id,
		          (long long)t->origin, text, (long long)t->macs, (long long)t->params);
	}
}

int propose(const struct propose_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	const struct strategy *strategy = plugin_find(PLUGIN_TABLE(strategy_table), "strategy", a->strategy);
	struct strategy_settings settings = a->settings;
	struct history history = { 0 }, proposed = { .round = (int32_t)a->round, .phase = (int32_t)a->phase };
	struct ask ask = { .history = &history, .settings = &settings, .mem = mem, .proposed = &proposed };
	struct space *space;
	int64_t rescored;

	if (!strategy)
		return err_code();
	settings.seed = (uint64_t)a->seed;
	settings.file = a->list;
	TRY(space_read(&space, a->space, mem));
	ask.space = space;
	history.decisions = proposed.decisions = space->decisions;
	if (a->history)
		TRY(history_read(&history, a->history, space, mem));
	TRY(check_order(a, &history));
	ask.first_id = history.count ? history.trial[history.count - 1].id + 1 : 0;
	proposed.trial = ARENA_NEW(mem, struct trial, a->rescore + a->k);
	TRY(rescore(&ask, a->rescore));
	rescored = proposed.count;
	TRY(strategy_run(strategy, &ask, a->k));
	if (!proposed.count)
		TRY(explain_nothing(a, &ask));
	TRY(candidates_write(&proposed, out, a->strategy, recipe));
	report(a, &ask, rescored);
	return 0;
}
