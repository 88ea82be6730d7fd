#include <math.h>

#include "base/err.h"
#include "tables.h"
#include "textfile.h"

#define I(x) ((long long)(x))

static const char *status_word(uint8_t status)
{
	return status == TRIAL_DONE ? "done" : status == TRIAL_FAIL ? "fail" : "pending";
}

static void trials(const struct run *r, FILE *f)
{
	char code[SPACE_TEXT];
	fputs("trial\torigin\tround\tphase\tstatus\tcode\tscore\tmacs\tparams\ttop1\tloss\tmember\n", f);
	for (int64_t i = 0; i < r->history.count; i++) {
		const struct trial *t = &r->history.trial[i];
		fprintf(f, "%lld\t%lld\t%d\t%d\t%s\t", I(t->id), I(t->origin), t->round, t->phase, status_word(t->status));
		r->space->type->print(r->space, t->code, code, sizeof code);
		textfile_field(f, code);
		textfile_number(f, t->score);
		fprintf(f, "\t%lld\t%lld", I(t->macs), I(t->params));
		textfile_number(f, t->top1);
		textfile_number(f, t->loss);
		fprintf(f, "\t%d\n", run_member(r, t->id));
	}
}

int rounds_count(const struct run *r, struct round_row **rows)
{
	const struct history *h = &r->history;
	struct round_row *row = ARENA_NEW(r->mem, struct round_row, h->count ? h->count : 1);
	int n = 0;
	int64_t evaluations = 0;
	double best_so_far = NAN;
	for (int64_t i = 0, next; i < h->count; i = next) {
		struct round_row *w = &row[n++];
		*w = (struct round_row){ .round = h->trial[i].round, .phase = h->trial[i].phase, .best = NAN };
		double sum = 0, squares = 0;
		for (next = i; next < h->count && h->trial[next].round == w->round && h->trial[next].phase == w->phase; next++) {
			const struct trial *t = &h->trial[next];
			w->trials++;
			w->rescored += t->origin >= 0;
			w->failed += t->status == TRIAL_FAIL;
			if (t->status != TRIAL_DONE)
				continue;
			w->done++;
			sum += t->score;
			w->best = fmax(w->best, t->score);
		}
		w->mean = w->done ? sum / (double)w->done : NAN;
		for (int64_t k = i; k < next; k++)
			if (h->trial[k].status == TRIAL_DONE)
				squares += (h->trial[k].score - w->mean) * (h->trial[k].score - w->mean);
		w->sd = w->done > 1 ? sqrt(squares / (double)(w->done - 1)) : NAN;
		if (n == 1 || w->phase != row[n - 2].phase)
			best_so_far = NAN;
		w->best_so_far = best_so_far = fmax(best_so_far, w->best);
		w->evaluations = evaluations += w->done + w->failed;
	}
	*rows = row;
	return n;
}

static void rounds(const struct run *r, FILE *f)
{
	struct round_row *w;
	int n = rounds_count(r, &w);
	fputs("round\tphase\ttrials\tdone\tfailed\trescored\tbest\tmean\tsd\tbest_so_far\tevaluations\n", f);
	for (int i = 0; i < n; i++) {
		fprintf(f, "%d\t%d\t%lld\t%lld\t%lld\t%lld", w[i].round, w[i].phase, I(w[i].trials), I(w[i].done),
		        I(w[i].failed), I(w[i].rescored));
		textfile_number(f, w[i].best);
		textfile_number(f, w[i].mean);
		textfile_number(f, w[i].sd);
		textfile_number(f, w[i].best_so_far);
		fprintf(f, "\t%lld\n", I(w[i].evaluations));
	}
}

/* total_step goes on from file to file, so that the phases of the supernet line up. */
static void curves(const struct run *r, FILE *f)
{
	int64_t before = 0;
	fputs("curve\tfile\tkind\tobjective\tstep\ttotal_step\tloss\trate\n", f);
	for (int k = 0; k < r->n_curves; k++) {
		const struct curve *c = &r->curve[k];
		for (int64_t i = 0; i < c->events; i++) {
			fprintf(f, "%d\t", k + 1);
			textfile_field(f, c->file);
			fprintf(f, "\t%s\t", c->retrain ? "model" : "supernet");
			textfile_field(f, c->objective);
			fprintf(f, "\t%lld\t%lld", I(c->step[i]), I(c->step[i] + (c->retrain ? 0 : before)));
			textfile_number(f, c->loss[i]);
			textfile_number(f, c->rate[i]);
			putc('\n', f);
		}
		if (!c->retrain && c->events)
			before += c->step[c->events - 1];
	}
}

/* Number of selected members that make this choice. */
static int chosen_by(const struct selection *s, int decision, int choice)
{
	int n = 0;
	for (int64_t m = 0; m < s->members.count && decision < s->members.decisions; m++)
		n += s->members.trial[m].code[decision] == choice;
	return n;
}

static void survival(const struct run *r, FILE *f)
{
	fputs("phase\tround\tdecision\tchoice\tdecision_name\tchoice_name\ton\tselected\n", f);
	for (int p = 0; p < r->n_masks; p++) {
		const struct space *s = r->mask[p].space;
		for (int d = 0; d < s->decisions; d++)
			for (int c = 0; c < s->decision[d].choices; c++) {
				fprintf(f, "%lld\t%d\t%d\t%d\t", I(r->mask[p].phase), r->mask[p].round, d, c);
				textfile_field(f, s->decision[d].name);
				putc('\t', f);
				textfile_field(f, s->decision[d].choice[c]);
				fprintf(f, "\t%d\t%d\n", s->mask[d][c], chosen_by(&r->selection, d, c));
			}
	}
}

static void selection(const struct run *r, FILE *f)
{
	const struct selection *s = &r->selection;
	char code[SPACE_TEXT];
	fputs("member\ttrial\tcode\tscore\tmacs\tparams\n", f);
	for (int64_t m = 0; m < s->members.count; m++) {
		const struct trial *t = &s->members.trial[m];
		s->space->type->print(s->space, t->code, code, sizeof code);
		fprintf(f, "%lld\t%lld\t", I(m + 1), I(t->id));
		textfile_field(f, code);
		textfile_number(f, t->score);
		fprintf(f, "\t%lld\t%lld\n", I(t->macs), I(t->params));
	}
}

static void class_field(const struct run *r, FILE *f, int64_t c)
{
	if (c < r->class_names)
		textfile_field(f, r->class_name[c]);
	else
		fprintf(f, "%lld", I(c));
}

static void metrics(const struct run *r, FILE *f)
{
	const struct metrics *m = &r->metrics;
	fputs("class\tname\timages\ttop1\n", f);
	for (int64_t c = 0; c < m->classes; c++) {
		int64_t images = 0;
		for (int64_t k = 0; k < m->classes; k++)
			images += m->confusion[c * m->classes + k];
		fprintf(f, "%lld\t", I(c));
		class_field(r, f, c);
		fprintf(f, "\t%lld", I(images));
		textfile_number(f, m->class_top1[c]);
		putc('\n', f);
	}
}

/* One row per true class, one column per predicted class. */
static void confusion(const struct run *r, FILE *f)
{
	const struct metrics *m = &r->metrics;
	fputs("true", f);
	for (int64_t c = 0; c < m->classes; c++) {
		putc('\t', f);
		class_field(r, f, c);
	}
	putc('\n', f);
	for (int64_t c = 0; c < m->classes; c++) {
		class_field(r, f, c);
		for (int64_t k = 0; k < m->classes; k++)
			fprintf(f, "\t%lld", I(m->confusion[c * m->classes + k]));
		putc('\n', f);
	}
}

static void calibration(const struct run *r, FILE *f)
{
	const struct metrics *m = &r->metrics;
	fputs("bin\timages\tconfidence\ttop1\n", f);
	for (int64_t b = 0; b < m->bins; b++) {
		fprintf(f, "%lld\t%lld", I(b + 1), I(m->bin_images[b]));
		textfile_number(f, m->bin_confidence[b]);
		textfile_number(f, m->bin_top1[b]);
		putc('\n', f);
	}
}

int tables_write(const struct run *r, const char *folder)
{
	const struct { const char *name; bool any; void (*write)(const struct run *r, FILE *f); } table[] = {
		{ "trials.tsv", r->history.count > 0, trials },
		{ "rounds.tsv", r->history.count > 0, rounds },
		{ "curves.tsv", r->n_curves > 0, curves },
		{ "survival.tsv", r->n_masks > 0, survival },
		{ "selection.tsv", r->selection.members.count > 0, selection },
		{ "metrics.tsv", r->metrics.classes > 0, metrics },
		{ "confusion.tsv", r->metrics.classes > 0, confusion },
		{ "calibration.tsv", r->metrics.bins > 0, calibration },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (!table[i].any) {
			TRY(textfile_remove(folder, table[i].name));
			continue;
		}
		struct textfile t;
		TRY(textfile_open(&t, folder, table[i].name));
		table[i].write(r, t.f);
		TRY(textfile_commit(&t));
	}
	return 0;
}
