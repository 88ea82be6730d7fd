/* Every architecture of the space: canonical codes under the caps in lexicographic order. */
#include <string.h>
#include "search/strategy.h"

static int all_propose(const struct ask *a, int64_t id, struct rng *r, uint8_t *code)
{
	const struct space *s = a->space;
	const struct history *done = a->proposed->count ? a->proposed : a->history;
	uint8_t at[SPACE_MAX_DECISIONS], canonical[SPACE_MAX_DECISIONS];

	(void)id;
	(void)r;
	for (int d = 0; d < s->decisions; d++)
		at[d] = space_nth_on(s, d, 0);
	if (done->count)
		memcpy(at, done->trial[done->count - 1].code, (size_t)s->decisions);
	for (bool first = !done->count; ; first = false) {
		int accepted;

		if (!first && !space_next(s, at))
			return 1;
		s->type->canonical(s, at, canonical);
		if (memcmp(at, canonical, (size_t)s->decisions))
			continue;
		accepted = caps_allow(s, &a->settings->caps, at);
		if (accepted < 0)
			return accepted;
		if (accepted) {
			memcpy(code, at, (size_t)s->decisions);
			return 0;
		}
	}
}

const struct strategy strategy_all = {
	.name = "all", .summary = "every architecture of the space, in order", .propose = all_propose,
	.repeats = true,
};
