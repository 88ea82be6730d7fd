#include "stages/rank/networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"
#include "search/rank.h"
#include "search/values.h"

const char *strata_words(int i)
{
	return (const char *const[]){ "depth", "macs", "params", NULL }[i];
}

static bool is_operation(const char *choice)
{
	return strcmp(choice, "identity") && strcmp(choice, "skip_connect") && strcmp(choice, "none");
}

static int depth_of(const struct space *s, const uint8_t *code)
{
	int depth = 0;

	for (int d = 0; d < s->decisions; d++)
		depth += is_operation(s->decision[d].choice[code[d]]);
	return depth;
}

static int read_trials(struct history *h, const char *path, const struct space *s, struct arena *mem)
{
	struct h5_header header;

	TRY(h5_header_read(path, &header));
	return strcmp(header.schema, "scores") ? history_read(h, path, s, mem) : scores_read(h, path, s, mem);
}

/* Trials that are done, of the last phase, the newest of each architecture. */
static int64_t last_phase(const struct history *h, struct arena *mem, const struct trial ***out)
{
	int32_t phase = history_last_phase(h);
	const struct trial **t = ARENA_NEW(mem, const struct trial *, h->count);
	int64_t n = 0;

	for (int64_t i = 0; i < h->count; i++) {
		int64_t same = 0;

		if (h->trial[i].status != TRIAL_DONE || h->trial[i].phase != phase)
			continue;
		while (same < n && memcmp(t[same]->code, h->trial[i].code, (size_t)h->decisions))
			same++;
		t[same] = &h->trial[i];
		n += same == n;
	}
	*out = t;
	return n;
}

static int read_values(struct networks *n, const struct networks_args *a, struct arena *mem)
{
	const char *path = a->truth ? a->truth : a->against;
	const struct trial **t = NULL;
	struct values known;
	struct history h;
	int64_t other = 0, found = 0;

	if (a->truth) {
		TRY(values_read(&known, path, n->space, mem));
	} else {
		TRY(read_trials(&h, path, n->space, mem));
		other = last_phase(&h, mem, &t);
	}
	n->value = ARENA_NEW(mem, double, n->count);
	for (int64_t i = 0; i < n->count; i++) {
		n->value[i] = a->truth ? values_find(&known, n->space, n->code[i]) : NAN;
		for (int64_t k = 0; k < other; k++)
			if (!memcmp(t[k]->code, n->code[i], (size_t)n->space->decisions))
				n->value[i] = t[k]->score;
		found += !isnan(n->value[i]);
	}
	if (found < 2)
		return err_set(ERR_DATA, "%s: values of %lld of the %lld networks in %s, expected at least two; are they of the same "
		               "space, and were they evaluated?", path, (long long)found, (long long)n->count, a->scores);
	return 0;
}

/* Equal depths, or bins of as many networks each by cost. */
static void stratify(struct networks *n, const struct networks_args *a, struct arena *mem)
{
	bool depth = !strcmp(a->strata, "depth");
	const double *by = depth ? n->depth : !strcmp(a->strata, "macs") ? n->macs : n->params;
	double *rank = ARENA_NEW(mem, double, n->count);

	n->strata = depth ? SPACE_MAX_DECISIONS + 1 : a->bins;
	n->stratum = ARENA_NEW(mem, int64_t, n->count);
	rank_average(by, n->count, mem, rank);
	for (int64_t i = 0; i < n->count; i++)
		n->stratum[i] = depth ? (int64_t)by[i] : (int64_t)((rank[i] - 0.5) * (double)n->strata / (double)n->count);
	n->stratum_name = arena_alloc(mem, (size_t)n->strata, sizeof *n->stratum_name);
	for (int64_t s = 0; s < n->strata; s++) {
		double low = INFINITY, high = -INFINITY;

		for (int64_t i = 0; i < n->count; i++)
			if (n->stratum[i] == s) {
				low = fmin(low, by[i]);
				high = fmax(high, by[i]);
			}
		if (depth)
			snprintf(n->stratum_name[s], sizeof *n->stratum_name, "depth %lld", (long long)s);
		else
			snprintf(n->stratum_name[s], sizeof *n->stratum_name, "%s %.3gM-%.3gM", a->strata, low * 1e-6, high * 1e-6);
	}
}

int networks_read(struct networks *n, const struct networks_args *a, struct arena *mem)
{
	const struct trial **t;
	struct history h;

	*n = (struct networks){ 0 };
	TRY(space_read(&n->space, a->space, mem));
	TRY(read_trials(&h, a->scores, n->space, mem));
	n->count = last_phase(&h, mem, &t);
	if (n->count < 2)
		return err_set(ERR_DATA, "%s: %lld networks with a score in its last phase, expected at least two", a->scores,
		               (long long)n->count);
	n->code = ARENA_NEW(mem, const uint8_t *, n->count);
	n->score = ARENA_NEW(mem, double, n->count);
	n->macs = ARENA_NEW(mem, double, n->count);
	n->params = ARENA_NEW(mem, double, n->count);
	n->depth = ARENA_NEW(mem, double, n->count);
	for (int64_t i = 0; i < n->count; i++) {
		struct nn_cost cost;

		TRY(space_cost(n->space, t[i]->code, &cost));
		n->code[i] = t[i]->code;
		n->score[i] = t[i]->score;
		n->macs[i] = (double)cost.macs;
		n->params[i] = (double)cost.params;
		n->depth[i] = depth_of(n->space, t[i]->code);
	}
	if (a->truth || a->against)
		TRY(read_values(n, a, mem));
	stratify(n, a, mem);
	return 0;
}
