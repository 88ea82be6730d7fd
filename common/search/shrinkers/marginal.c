/* Switches off the choices that are worst on their own, unless they keep good networks apart.
 *
 *   quality    Q(d,c) = mean of 1 - value over the observations with choice c at decision d
 *   diversity  V(d,c) = mean Hamming distance of those of them in the good half to the rest of the good half,
 *                       0 when the good half does not use the choice
 *   merit      (1 - w) (sum of 1 - value + 1/2) / (trials + 1) + w V(d,c)
 *
 * The quality in merit is pulled towards 1/2, the mean over all, by the weight of one trial: a choice seen
 * once is not switched off for one bad network.  Smallest merit goes first; each decision keeps at least
 * `keep`, and the space keeps at least one network whose canonical form is on. */
#include "search/shrinker.h"

#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "search/diversity.h"

const struct shrink_settings shrink_defaults = { .drop = 4, .keep = 2, .diversity = 0.2 };

static int by_merit(const void *a, const void *b)
{
	const struct shrink_row *p = *(struct shrink_row *const *)a, *q = *(struct shrink_row *const *)b;

	if (p->merit != q->merit)
		return p->merit < q->merit ? -1 : 1;
	return p->decision != q->decision ? p->decision - q->decision : p->choice - q->choice;
}

/* o: n observations that are done, best first; code: theirs; the first `good` are the good half, counted. */
static void fill(struct shrink_row *row, const struct observation *o, int64_t n, const uint8_t *const *code,
                 int64_t good, int64_t (*count)[SPACE_MAX_CHOICES], int decisions, double weight)
{
	double sum = 0, distance = 0;
	int64_t users = 0;

	for (int64_t i = 0; i < n; i++) {
		if (code[i][row->decision] != row->choice)
			continue;
		row->trials++;
		sum += 1 - o[i].value;
		if (i < good) {
			users++;
			/* the distance to itself is zero, so the mean over the others is this over good - 1 */
			distance += diversity_to_counted(code[i], count, good, decisions) * (double)good;
		}
	}
	row->quality = row->trials ? sum / (double)row->trials : NAN;
	row->diversity = users && good > 1 ? distance / ((double)users * (double)(good - 1)) : 0;
	row->merit = (1 - weight) * (sum + 0.5) / (double)(row->trials + 1) + weight * row->diversity;
}

static void switch_off(struct space *s, struct shrink_row **order, int64_t rows,
                       const struct shrink_settings *set)
{
	int64_t left = set->drop, keep = set->keep > 1 ? set->keep : 1;

	for (int64_t i = 0; i < rows && left > 0; i++) {
		struct shrink_row *r = order[i];

		if (space_on(s, r->decision) <= keep)
			continue;
		s->mask[r->decision][r->choice] = false;
		if (!space_inhabited(s)) {
			s->mask[r->decision][r->choice] = true;
			continue;
		}
		r->off = true;
		left--;
	}
}

static int marginal_shrink(struct space *s, const struct history *h, const struct shrink_settings *set,
                           struct arena *mem, struct shrink_row **row, int64_t *rows)
{
	struct observation *o;
	int64_t seen = history_observations(h, s, false, mem, &o), n = 0;
	const uint8_t **code = ARENA_NEW(mem, const uint8_t *, seen);
	struct shrink_row *table, **order;
	int64_t (*count)[SPACE_MAX_CHOICES];

	if (seen)
		qsort(o, (size_t)seen, sizeof *o, observation_by_value);
	for (; n < seen && isfinite(o[n].value); n++)
		code[n] = o[n].trial->code;
	if (!n)
		return err_set(ERR_CONFIG, "there is no scored trial that the space allows, and shrinking needs some");
	count = diversity_count(code, (n + 1) / 2, s->decisions, mem);
	*rows = 0;
	for (int d = 0; d < s->decisions; d++)
		*rows += space_on(s, d);
	table = ARENA_NEW(mem, struct shrink_row, *rows);
	order = ARENA_NEW(mem, struct shrink_row *, *rows);
	*row = table;
	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++)
			if (s->mask[d][c]) {
				*table = (struct shrink_row){ .decision = d, .choice = c };
				fill(table, o, n, code, (n + 1) / 2, count, s->decisions, set->diversity);
				order[table - *row] = table;
				table++;
			}
	qsort(order, (size_t)*rows, sizeof *order, by_merit);
	switch_off(s, order, *rows, set);
	return 0;
}

const struct shrinker shrinker_marginal = {
	.name = "marginal", .summary = "lowest marginal quality, weighed against diversity",
	.shrink = marginal_shrink,
};
