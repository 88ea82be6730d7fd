#include "stages/rank/ranking.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "base/number.h"
#include "base/tempfile.h"
#include "h5/file.h"

extern const struct h5_schema h5_schema_ranking;

/* ---- ranking.h5 ---------------------------------------------------------------------------------- */

static int64_t *whole(const double *x, int64_t n, struct arena *mem)
{
	int64_t *out = ARENA_NEW(mem, int64_t, n);

	for (int64_t i = 0; i < n; i++)
		out[i] = (int64_t)x[i];
	return out;
}

static const char **texts(const struct networks *n, struct arena *mem)
{
	const char **text = ARENA_NEW(mem, const char *, n->count);

	for (int64_t i = 0; i < n->count; i++) {
		char code[SPACE_TEXT];

		n->space->type->print(n->space, n->code[i], code, sizeof code);
		text[i] = arena_strdup(mem, code);
	}
	return text;
}

static int write_networks(struct h5_writer *w, const struct networks *n, struct arena *mem)
{
	int64_t dims[2] = { n->count, n->space->decisions };
	uint8_t *arch = ARENA_NEW(mem, uint8_t, n->count * n->space->decisions);

	for (int64_t i = 0; i < n->count; i++)
		memcpy(arch + i * n->space->decisions, n->code[i], (size_t)n->space->decisions);
	TRY(h5_write(w, "/arch", H5_U8, 2, dims, arch, 0));
	TRY(h5_write_texts(w, "/code", n->count, texts(n, mem)));
	TRY(h5_write(w, "/score", H5_F64, 1, dims, n->score, 0));
	TRY(h5_write(w, "/macs", H5_I64, 1, dims, whole(n->macs, n->count, mem), 0));
	TRY(h5_write(w, "/params", H5_I64, 1, dims, whole(n->params, n->count, mem), 0));
	TRY(h5_write(w, "/depth", H5_I64, 1, dims, whole(n->depth, n->count, mem), 0));
	if (n->value)
		TRY(h5_write(w, "/value", H5_F64, 1, dims, n->value, 0));
	return h5_write(w, "/stratum", H5_I64, 1, dims, n->stratum, 0);
}

/* A column of the table: the member at `offset` of every comparison. */
static int write_column(struct h5_writer *w, const char *path, const struct comparison *c, int64_t count,
                        size_t offset, enum h5_type type, struct arena *mem)
{
	const char **text = ARENA_NEW(mem, const char *, count);
	double *real = ARENA_NEW(mem, double, count);
	int64_t *integer = ARENA_NEW(mem, int64_t, count);

	for (int64_t i = 0; i < count; i++) {
		const char *at = (const char *)&c[i] + offset;

		if (type == H5_TEXT)
			memcpy(&text[i], at, sizeof *text);
		else if (type == H5_F64)
			memcpy(&real[i], at, sizeof *real);
		else
			memcpy(&integer[i], at, sizeof *integer);
	}
	if (type == H5_TEXT)
		return h5_write_texts(w, path, count, text);
	return h5_write(w, path, type, 1, &count, type == H5_F64 ? (const void *)real : integer, 0);
}

static const struct { const char *name; size_t offset; enum h5_type type; } columns[] = {
	{ "predictor", offsetof(struct comparison, predictor), H5_TEXT },
	{ "target", offsetof(struct comparison, target), H5_TEXT },
	{ "stratum", offsetof(struct comparison, stratum), H5_TEXT },
	{ "networks", offsetof(struct comparison, networks), H5_I64 },
	{ "tau_b", offsetof(struct comparison, tau), H5_F64 },
	{ "tau_low", offsetof(struct comparison, low), H5_F64 },
	{ "tau_high", offsetof(struct comparison, high), H5_F64 },
	{ "lead", offsetof(struct comparison, lead), H5_F64 },
	{ "lead_low", offsetof(struct comparison, lead_low), H5_F64 },
	{ "lead_high", offsetof(struct comparison, lead_high), H5_F64 },
	{ "spearman", offsetof(struct comparison, spearman), H5_F64 },
	{ "weighted_tau", offsetof(struct comparison, weighted), H5_F64 },
	{ "precision", offsetof(struct comparison, precision), H5_F64 },
	{ "best_of_top", offsetof(struct comparison, best_of_top), H5_F64 },
	{ "best", offsetof(struct comparison, best), H5_F64 },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static int write_file(const struct ranking_args *a, const struct networks *n, const struct comparison *c,
                      int64_t count, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	struct h5_writer *w;
	int status;

	TRY(h5_create(&w, out, &h5_schema_ranking, recipe));
	h5_attr_text(w, "space", n->space->type->name);
	h5_attr_text(w, "strata", a->from.strata);
	h5_attr_i64(w, "top", a->how.top);
	if (a->from.n_scores > 1)
		h5_attr_f64(w, "intraclass", n->intraclass);
	status = write_networks(w, n, mem);
	for (int i = 0; i < COLUMNS && status >= 0; i++) {
		char path[64];

		snprintf(path, sizeof path, "/comparison/%s", columns[i].name);
		status = write_column(w, path, c, count, columns[i].offset, columns[i].type, mem);
	}
	if (status < 0) {
		h5_abandon(w);
		return status;
	}
	return h5_commit(w);
}

/* ---- text ---------------------------------------------------------------------------------------- */

static int write_scores(const char *path, const struct networks *n, struct arena *mem)
{
	const char **code = texts(n, mem);
	size_t size = 1, used = 0;
	char *text;

	for (int64_t i = 0; i < n->count; i++)
		size += strlen(code[i]) + NUMBER_TEXT + 2;
	text = arena_alloc(mem, size, 1);
	for (int64_t i = 0; i < n->count; i++) {
		char number[NUMBER_TEXT];

		number_print(n->score[i], number);
		used += (size_t)snprintf(text + used, size - used, "%s\t%s\n", code[i], number);
	}
	return tempfile_write_text(path, text);
}

/* A real number of the table, "-" for none. */
static const char *real(double x, char text[NUMBER_TEXT])
{
	if (isnan(x))
		return "-";
	snprintf(text, NUMBER_TEXT, "%.6g", x);
	return text;
}

static int write_table(const char *path, const struct comparison *c, int64_t count, struct arena *mem)
{
	size_t size = (size_t)(count + 1) * COLUMNS * 64, used = 0;
	char *text = arena_alloc(mem, size, 1);

	for (int i = 0; i < COLUMNS; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "\t" : "", columns[i].name);
	for (int64_t k = 0; k < count; k++) {
		for (int i = 0; i < COLUMNS; i++) {
			const char *at = (const char *)&c[k] + columns[i].offset;
			char number[NUMBER_TEXT];

			used += (size_t)snprintf(text + used, size - used, "%c", i ? '\t' : '\n');
			if (columns[i].type == H5_TEXT)
				used += (size_t)snprintf(text + used, size - used, "%s", *(const char *const *)at);
			else if (columns[i].type == H5_F64)
				used += (size_t)snprintf(text + used, size - used, "%s", real(*(const double *)at, number));
			else
				used += (size_t)snprintf(text + used, size - used, "%lld", (long long)*(const int64_t *)at);
		}
	}
	snprintf(text + used, size - used, "\n");
	return tempfile_write_text(path, text);
}

int ranking(const struct ranking_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	struct comparison *c;
	struct networks n;
	int64_t count;

	TRY(networks_read(&n, &a->from, mem));
	count = compare(&n, &a->how, mem, &c);
	for (int64_t i = 0; i < count; i++)
		log_event("comparison", "predictor=%s target=%s stratum=\"%s\" networks=%lld tau_b=%.4f low=%.4f high=%.4f",
		          c[i].predictor, c[i].target, c[i].stratum, (long long)c[i].networks, c[i].tau, c[i].low, c[i].high);
	if (a->from.n_scores > 1)
		log_event("repeats", "files=%d networks=%lld intraclass=%.4f", a->from.n_scores, (long long)n.count,
		          n.intraclass);
	if (a->scores_out)
		TRY(write_scores(a->scores_out, &n, mem));
	if (a->table_out)
		TRY(write_table(a->table_out, c, count, mem));
	return write_file(a, &n, c, count, out, recipe, mem);
}
