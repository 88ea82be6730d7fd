#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/err.h"
#include "summary.h"
#include "tables.h"
#include "textfile.h"

enum { COLUMNS = 80, PHASE_LINES = 5 };

/* A line of the account: what is too long for the screen ends in dots. */
static void line(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(FILE *f, const char *format, ...)
{
	char text[COLUMNS + 1];
	va_list list;
	va_start(list, format);
	int n = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	if (n > COLUMNS)
		memcpy(text + COLUMNS - 3, "...", 3);
	textfile_field(f, text);
	putc('\n', f);
}

static void value(FILE *f, const char *name, const char *format, double x)
{
	fprintf(f, "%s: ", name);
	if (isnan(x))
		fputs("n/a", f);
	else
		fprintf(f, format, x);
	putc('\n', f);
}

/* An ensemble costs what its members cost together; its score is that of its best member, the first. */
static void values(const struct run *r, FILE *f)
{
	const struct selection *s = &r->selection;
	double macs = 0, params = 0;
	bool alternatives = s->pick && !strcmp(s->pick, "pareto");    /* a front is no ensemble */
	int64_t members = alternatives && s->members.count > 1 ? 1 : s->members.count;
	fputs("architecture: ", f);
	for (int64_t m = 0; m < members; m++) {
		const struct trial *t = &s->members.trial[m];
		char code[SPACE_TEXT];
		s->space->type->print(s->space, t->code, code, sizeof code);
		fputs(m ? " + " : "", f);
		textfile_field(f, code);
		macs += (double)t->macs;
		params += (double)t->params;
	}
	fputs(members ? "\n" : "n/a\n", f);
	value(f, "test_top1", "%.4f", r->metrics.top1);
	value(f, "test_ece", "%.4f", r->metrics.ece);
	value(f, "score", "%.6g", members ? s->members.trial[0].score : NAN);
	value(f, "macs", "%.0f", members ? macs : NAN);
	value(f, "params", "%.0f", members ? params : NAN);
	value(f, "latency_ms", "%.3f", r->latency_ms);
	value(f, "seconds", "%.1f", r->seconds);
}

static const char *state(const struct run *r)
{
	bool model = false;
	for (int k = 0; k < r->n_curves; k++)
		model |= r->curve[k].retrain;
	if (r->metrics.known)
		return "finished";
	if (model)
		return "unfinished: not tested yet";
	if (r->selection.members.count)
		return "unfinished: selected, not retrained yet";
	if (r->history.count)
		return "unfinished: searching";
	return "unfinished: no architecture evaluated yet";
}

static void space_line(const struct run *r, FILE *f)
{
	const struct space *first = r->mask[0].space, *last = r->mask[r->n_masks - 1].space;
	int shrinks = r->n_masks - 1;
	if (shrinks)
		line(f, "space     %s: %d decisions, 10^%.1f codes; 10^%.1f of them on after %d shrink%s", r->space->type->name,
		     first->decisions, space_log10_size(first), space_log10_size(last), shrinks, shrinks == 1 ? "" : "s");
	else
		line(f, "space     %s: %d decisions, 10^%.1f codes; no shrink", r->space->type->name, first->decisions,
		     space_log10_size(first));
}

/* One line per phase: scores compare only within it. */
static void phase_lines(const struct run *r, FILE *f)
{
	struct round_row *w;
	int n = rounds_count(r, &w), phases = 0;
	for (int i = 0; i < n; i++)
		phases += !i || w[i].phase != w[i - 1].phase;
	if (phases > PHASE_LINES)
		line(f, "phases    %d; the last %d:", phases, PHASE_LINES);
	for (int i = 0, next, p = 1; i < n; i = next, p++) {
		double sum = 0, squares = 0, mean, best = NAN;
		int64_t done = 0, again = 0;
		for (next = i; next < n && w[next].phase == w[i].phase; next++) {
			done += w[next].done;
			again += w[next].rescored;
			sum += w[next].done ? (double)w[next].done * w[next].mean : 0;
			best = fmax(best, w[next].best);
		}
		mean = sum / (double)done;
		for (int64_t t = 0; t < r->history.count; t++)
			if (r->history.trial[t].phase == w[i].phase && r->history.trial[t].status == TRIAL_DONE)
				squares += (r->history.trial[t].score - mean) * (r->history.trial[t].score - mean);
		if (phases - p < PHASE_LINES && done)
			line(f, "phase %-3d rounds %d-%d: %lld scored, %lld again; best %.4g, mean %.4g, sd %.2g", w[i].phase,
			     w[i].round, w[next - 1].round, (long long)done, (long long)again, best, mean,
			     done > 1 ? sqrt(squares / (double)(done - 1)) : 0);
	}
}

static void search_lines(const struct run *r, FILE *f)
{
	struct round_row *w;
	int n = rounds_count(r, &w);
	int64_t failed = 0, again = 0;
	for (int i = 0; i < n; i++) {
		failed += w[i].failed;
		again += w[i].rescored;
	}
	line(f, "search    %d rounds, %lld evaluations: %lld new, %lld scored again, %lld failed", n,
	     (long long)w[n - 1].evaluations, (long long)(w[n - 1].evaluations - again), (long long)again, (long long)failed);
	phase_lines(r, f);
}

static void chosen_line(const struct run *r, FILE *f)
{
	const struct selection *s = &r->selection;
	if (s->members.count == 1)
		line(f, "chosen    trial %lld (%s)", (long long)s->members.trial[0].id, s->pick);
	else if (s->members.count > 1)
		line(f, "chosen    %lld networks (%s), see selection.tsv", (long long)s->members.count, s->pick);
}

static const char *class_name(const struct run *r, int64_t c)
{
	return c < r->class_names ? r->class_name[c] : arena_printf(r->mem, "%lld", (long long)c);
}

static void test_line(const struct run *r, FILE *f)
{
	const struct metrics *m = &r->metrics;
	int64_t worst = -1, best = -1;
	for (int64_t c = 0; c < m->classes; c++) {
		if (isnan(m->class_top1[c]))
			continue;
		if (worst < 0 || m->class_top1[c] < m->class_top1[worst])
			worst = c;
		if (best < 0 || m->class_top1[c] > m->class_top1[best])
			best = c;
	}
	if (worst >= 0)
		line(f, "test      %lld images, loss %.4g; class top-1 %.3f (%s) to %.3f (%s)", (long long)m->images,
		     m->loss, m->class_top1[worst], class_name(r, worst), m->class_top1[best], class_name(r, best));
	else if (m->known)
		line(f, "test      %lld images, loss %.4g; no labels, so no accuracy", (long long)m->images, m->loss);
}

int summary_write(const struct run *r, const char *folder, bool drawn)
{
	struct textfile t;
	TRY(textfile_open(&t, folder, "summary.txt"));
	values(r, t.f);
	line(t.f, "%s", "");
	line(t.f, "run       %s, %s", state(r), r->folder);
	if (r->images.known)
		line(t.f, "images    %lld train, %lld valid, %lld test; %lld x %lld pixels, %lld channel%s", (long long)r->images.split[0],
		     (long long)r->images.split[1], (long long)r->images.split[2], (long long)r->images.columns,
		     (long long)r->images.rows, (long long)r->images.channels, r->images.channels == 1 ? "" : "s");
	if (r->n_masks)
		space_line(r, t.f);
	if (r->history.count)
		search_lines(r, t.f);
	chosen_line(r, t.f);
	test_line(r, t.f);
	line(t.f, "files     in %s: tables *.tsv, %s", folder,
	     drawn ? "pictures *.svg" : "scripts *.gp");
	if (!drawn)
		line(t.f, "          no pictures: gnuplot is not installed (apt-get install gnuplot-nox)");
	return textfile_commit(&t);
}
