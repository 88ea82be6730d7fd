#include "search/pick.h"

#include <string.h>
#include "base/err.h"
#include "base/number.h"
#include "search/diversity.h"

#define PREFIX "ensemble:"
#define LARGEST_ENSEMBLE 64

int pick_check(const char *how, int64_t *ensemble)
{
	*ensemble = 0;
	if (!strcmp(how, "best") || !strcmp(how, "pareto"))
		return 0;
	if (!strncmp(how, PREFIX, strlen(PREFIX)) && number_parse_integer(how + strlen(PREFIX), ensemble)
	    && *ensemble >= 1 && *ensemble <= LARGEST_ENSEMBLE)
		return 0;
	return err_set(ERR_USAGE, "--pick %s: expected best, pareto or ensemble:N with N from 1 to %d", how,
	               LARGEST_ENSEMBLE);
}

/* Nothing is within the caps: says what would be. */
static int none(const struct history *h, const struct caps *caps, int32_t phase)
{
	const struct trial *small = NULL;
	int64_t scored = 0;

	for (int64_t i = 0; i < h->count; i++) {
		const struct trial *t = &h->trial[i];

		if (t->status != TRIAL_DONE || t->phase != phase)
			continue;
		scored++;
		if (!small || t->macs < small->macs)
			small = t;
	}
	if (!small)
		return err_set(ERR_CONFIG, "there is no scored trial to select from");
	return err_set(ERR_CONFIG, "none of the %lld trials of the last phase (%d) is allowed and within the caps (--max-macs %lld, "
	               "--max-params %lld; 0: none); the smallest has %lld multiply-adds and %lld parameters: raise the caps, or "
	               "search again under them", (long long)scored, phase, (long long)caps->macs,
	               (long long)caps->params, (long long)small->macs, (long long)small->params);
}

/* Keeps, of trials sorted by score, those cheaper than everything before them. */
static int64_t pareto(const struct trial **t, int64_t n)
{
	int64_t kept = 0;

	for (int64_t i = 0; i < n; i++)
		if (!kept || t[i]->macs < t[kept - 1]->macs)
			t[kept++] = t[i];
	return kept;
}

static const struct trial **ensemble(const struct trial **t, int64_t n, int64_t size, int decisions,
                                     struct arena *mem)
{
	const struct trial **out = ARENA_NEW(mem, const struct trial *, size);
	const uint8_t **chosen = ARENA_NEW(mem, const uint8_t *, size);
	bool *taken = ARENA_NEW(mem, bool, n);

	for (int64_t m = 0; m < size; m++) {
		double best = -1;
		int64_t at = 0;

		for (int64_t i = 0; i < n; i++) {
			double quality = n > 1 ? (double)(n - 1 - i) / (double)(n - 1) : 1;
			double merit = quality + diversity_to(t[i]->code, chosen, m, decisions);

			if (!taken[i] && merit > best) {
				best = merit;
				at = i;
			}
		}
		taken[at] = true;
		chosen[m] = t[at]->code;
		out[m] = t[at];
	}
	return out;
}

int pick(const char *how, const struct history *h, const struct space *s, const struct caps *caps,
         struct arena *mem, const struct trial ***member, int64_t *members)
{
	int32_t last = history_last_phase(h);
	int64_t size, n;

	TRY(pick_check(how, &size));
	n = ask_best(h, s, caps, last, last, h->count, mem, member);
	if (n < 0)
		return (int)n;
	if (!n)
		return none(h, caps, last);
	if (size > n)
		return err_set(ERR_CONFIG, "--pick %s: only %lld trials of the last phase (%d) are within the caps; ask for fewer, "
		               "score more of them again, or raise the caps", how, (long long)n, last);
	if (size)
		*member = ensemble(*member, n, size, s->decisions, mem);
	*members = size ? size : !strcmp(how, "pareto") ? pareto(*member, n) : 1;
	return 0;
}
