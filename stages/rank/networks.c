#include "stages/rank/networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"
#include "search/rank.h"
#include "search/values.h"

extern const struct h5_schema h5_schema_metrics;

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

/* Scores of the trials that are done, of the last phase; of an architecture its newest. */
static int read_last_phase(struct values *v, const char *path, const struct space *s, struct arena *mem)
{
	struct history h;
	int32_t phase;

	*v = values_new(s);
	TRY(read_trials(&h, path, s, mem));
	phase = history_last_phase(&h);
	for (int64_t i = 0; i < h.count; i++)
		if (h.trial[i].status == TRIAL_DONE && h.trial[i].phase == phase)
			values_set(v, mem, h.trial[i].code, h.trial[i].score);
	return 0;
}

/* Test top-1 of the networks of metrics.h5 files, in the form of a text file of values. */
static int read_metrics(struct values *v, const struct networks_args *a, const struct space *s,
                        struct arena *mem)
{
	*v = values_new(s);
	for (int i = 0; i < a->n_metrics; i++) {
		uint8_t *code = ARENA_NEW(mem, uint8_t, s->decisions);
		struct h5_file *f;
		char **text;
		double top1;
		int64_t n;
		int status;

		TRY(h5_open(&f, a->metrics[i], &h5_schema_metrics));
		status = h5_read_texts(f, "/code", mem, &n, &text);
		if (status >= 0 && (n != 1 || !h5_has(f, "/top1")))
			status = err_set(ERR_DATA, "%s: %s, expected the test of one network with labels", a->metrics[i],
			                 n != 1 ? "an ensemble" : "no /top1");
		if (status >= 0)
			status = h5_read_f64(f, "/top1", &top1);
		h5_close(f);
		if (status < 0)
			return status;
		if (s->type->parse(s, text[0], code) < 0)
			return err_replace(ERR_DATA, "%s:/code: %s", a->metrics[i], err_text());
		s->type->canonical(s, code, code);
		if (!values_set(v, mem, code, top1))
			return err_set(ERR_DATA, "%s: the network \"%s\" once more; give one test of each", a->metrics[i],
			               text[0]);
	}
	return 0;
}

/* Known values from whichever of the three sources was given; 0 from none. */
static int read_known(struct values *v, const struct networks *n, const struct networks_args *a,
                      struct arena *mem)
{
	if (a->truth)
		return values_read(v, a->truth, n->space, mem);
	return a->n_metrics ? read_metrics(v, a, n->space, mem) : read_last_phase(v, a->against, n->space, mem);
}

static int read_values(struct networks *n, const struct networks_args *a, struct arena *mem)
{
	const char *path = a->truth ? a->truth : a->n_metrics ? a->metrics[0] : a->against;
	struct values known;
	int64_t found = 0;

	TRY(read_known(&known, n, a, mem));
	n->value = ARENA_NEW(mem, double, n->count);
	for (int64_t i = 0; i < n->count; i++) {
		n->value[i] = values_find(&known, n->code[i]);
		found += !isnan(n->value[i]);
	}
	if (found < 2)
		return err_set(ERR_DATA, "%s: values of %lld of the %lld networks in %s, expected at least two; are they of the same "
		               "space, and were they evaluated?", path, (long long)found, (long long)n->count, a->scores[0]);
	return 0;
}

/* The networks that every file of scores has, with the mean of their scores. */
static int read_scores(struct networks *n, const struct networks_args *a, struct arena *mem)
{
	double *repeat = NULL;

	for (int f = 0; f < a->n_scores; f++) {
		struct values scores;
		int64_t kept = 0;

		TRY(read_last_phase(&scores, a->scores[f], n->space, mem));
		if (!f) {
			n->count = scores.codes.count;
			n->code = scores.codes.code;
			repeat = ARENA_NEW(mem, double, n->count * a->n_scores);
		}
		for (int64_t i = 0; i < n->count; i++) {
			double score = values_find(&scores, n->code[i]);

			if (isnan(score))
				continue;
			memmove(repeat + kept * a->n_scores, repeat + i * a->n_scores, (size_t)f * sizeof *repeat);
			repeat[kept * a->n_scores + f] = score;
			n->code[kept++] = n->code[i];
		}
		n->count = kept;
	}
	if (n->count < 2)
		return err_set(ERR_DATA, "%s: %lld networks with a score in its last phase%s, expected at least two",
		               a->scores[0], (long long)n->count, a->n_scores > 1 ? " and in the other files" : "");
	n->intraclass = rank_intraclass(repeat, n->count, a->n_scores);
	n->score = ARENA_NEW(mem, double, n->count);
	for (int64_t i = 0; i < n->count; i++)
		for (int f = 0; f < a->n_scores; f++)
			n->score[i] += repeat[i * a->n_scores + f] / a->n_scores;
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
			snprintf(n->stratum_name[s], sizeof *n->stratum_name, "%s %.3gM-%.3gM", a->strata, low * 1e-6,
			         high * 1e-6);
	}
}

int networks_read(struct networks *n, const struct networks_args *a, struct arena *mem)
{
	*n = (struct networks){ 0 };
	TRY(space_read(&n->space, a->space, mem));
	TRY(read_scores(n, a, mem));
	n->macs = ARENA_NEW(mem, double, n->count);
	n->params = ARENA_NEW(mem, double, n->count);
	n->depth = ARENA_NEW(mem, double, n->count);
	for (int64_t i = 0; i < n->count; i++) {
		struct nn_cost cost;

		TRY(space_cost(n->space, n->code[i], &cost));
		n->macs[i] = (double)cost.macs;
		n->params[i] = (double)cost.params;
		n->depth[i] = depth_of(n->space, n->code[i]);
	}
	if (a->truth || a->n_metrics || a->against)
		TRY(read_values(n, a, mem));
	stratify(n, a, mem);
	return 0;
}
