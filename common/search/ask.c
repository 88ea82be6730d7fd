/* What strategies share: what is known, what may be proposed, what is best so far. */
#include "search/strategy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"

#define CANONICAL_DRAWS 1000         /* draws that must be their own canonical form */
#define ALL_DRAWS 2000
#define MUTATIONS 1000
#define WALK_LIMIT 6.0               /* log10 of the largest space that is walked */

bool ask_known(const struct ask *a, const uint8_t *code)
{
	return history_first(a->history, code) || history_first(a->proposed, code);
}

int ask_accepts(const struct ask *a, const uint8_t *code)
{
	if (!space_legal(a->space, code))
		return 0;
	if (strcmp(a->settings->repeat, "allow") && ask_known(a, code))
		return 0;
	return caps_allow(a->space, &a->settings->caps, code);
}

int ask_mutate(const struct ask *a, struct rng *r, uint8_t *code)
{
	const struct space *s = a->space;

	for (int i = 0; i < MUTATIONS; i++) {
		int d = (int)rng_below(r, (uint32_t)s->decisions), accepted;

		code[d] = space_nth_on(s, d, rng_below(r, (uint32_t)space_on(s, d)));
		s->type->canonical(s, code, code);
		accepted = ask_accepts(a, code);
		if (accepted)
			return accepted;
	}
	return 0;
}

static int walk(const struct ask *a, const uint8_t *start, uint8_t *code)
{
	const struct space *s = a->space;
	uint8_t at[SPACE_MAX_DECISIONS];
	size_t size = (size_t)s->decisions;

	if (space_log10_size(s) > WALK_LIMIT)
		return 1;
	memcpy(at, start, size);
	do {
		int accepted;

		space_next(s, at);
		s->type->canonical(s, at, code);
		accepted = memcmp(at, code, size) ? 0 : ask_accepts(a, code);
		if (accepted)
			return accepted < 0 ? accepted : 0;
	} while (memcmp(at, start, size));
	return 1;
}

int ask_uniform_new(const struct ask *a, struct rng *r, uint8_t *code)
{
	const struct space *s = a->space;
	uint8_t drawn[SPACE_MAX_DECISIONS];

	for (int i = 0; i < ALL_DRAWS; i++) {
		int accepted;

		space_uniform(s, r, drawn);
		s->type->canonical(s, drawn, code);
		if (i < CANONICAL_DRAWS && memcmp(code, drawn, (size_t)s->decisions))
			continue;
		accepted = ask_accepts(a, code);
		if (accepted)
			return accepted < 0 ? accepted : 0;
	}
	return walk(a, drawn, code);
}

int64_t ask_best(const struct history *h, const struct space *s, const struct caps *caps, int32_t first,
                 int32_t last, int64_t n, struct arena *mem, const struct trial ***best)
{
	struct observation *o;
	int64_t seen = history_observations(h, s, false, mem, &o), count = 0;
	const struct trial **out = ARENA_NEW(mem, const struct trial *, seen);

	if (seen)
		qsort(o, (size_t)seen, sizeof *o, observation_by_value);
	for (int64_t i = 0; i < seen && count < n && isfinite(o[i].value); i++) {
		int allowed;

		if (o[i].trial->phase < first || o[i].trial->phase > last)
			continue;
		allowed = caps_allow(s, caps, o[i].trial->code);
		if (allowed < 0)
			return allowed;
		if (allowed)
			out[count++] = o[i].trial;
	}
	*best = out;
	return count;
}

int strategy_run(const struct strategy *strategy, struct ask *a, int64_t k)
{
	struct history *p = a->proposed;

	for (int64_t i = 0; i < k; i++) {
		uint8_t *code = ARENA_NEW(a->mem, uint8_t, a->space->decisions);
		int64_t id = a->first_id + i;
		struct rng r = rng_stream(a->settings->seed, "propose", (uint32_t)id, 0, 0);
		struct arena_mark mark = arena_mark(a->mem);
		int status = strategy->propose(a, id, &r, code);
		const struct trial *old;
		struct nn_cost cost;

		arena_rewind(a->mem, mark);
		if (status)
			return status < 0 ? status : 0;
		TRY(space_cost(a->space, code, &cost));
		old = history_first(a->history, code);
		if (!old)
			old = history_first(p, code);
		p->trial[p->count++] = (struct trial){
			.id = id, .origin = old ? old->origin >= 0 ? old->origin : old->id : -1, .round = p->round,
			.phase = p->phase, .status = TRIAL_PENDING, .code = code, .score = NAN, .loss = NAN, .top1 = NAN,
			.macs = cost.macs, .params = cost.params,
		};
	}
	return 0;
}
