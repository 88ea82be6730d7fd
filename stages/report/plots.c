/* The pictures.  Colours are those of Okabe and Ito (2008), which the colour-blind tell apart; grey is
 * for what is past.  Scripts read the tables by column name and hold no data but a few constants. */
#include <string.h>

#include "base/err.h"
#include "plots.h"
#include "tables.h"
#include "textfile.h"

#define GREY   "\"#c4c4c4\""
#define SKY    "\"#56b4e9\""
#define BLUE   "\"#0072b2\""
#define ORANGE "\"#d55e00\""

static void opening(FILE *f, const char *name, const char *what, int width, int height)
{
	fprintf(f, "# %s.  By hand: gnuplot %s.gp >%s.svg\n", what, name, name);
	fprintf(f, "set encoding utf8\nset minussign\n"
	        "set terminal svg size %d,%d noenhanced background rgb \"white\" font \"sans-serif,15\"\n"
	        "set datafile separator \"\\t\"\nset datafile columnheaders\n"
	        "set border 3 lc rgb \"#666666\"\nset tics nomirror out scale 0.6 tc rgb \"#333333\"\n"
	        "set grid lc rgb \"#e6e6e6\" lt 1\nset key outside top center horizontal samplen 1.5\n", width, height);
}

/* A string of gnuplot's.  Between single quotes nothing is special but the quote itself. */
static void quoted(FILE *f, const char *text)
{
	putc('\'', f);
	for (; *text; text++) {
		if (*text == '\'')
			putc('\'', f);
		putc((unsigned char)*text < ' ' ? ' ' : *text, f);
	}
	putc('\'', f);
}

static void score_cost(const struct run *r, FILE *f)
{
	int last = history_last_phase(&r->history);
	int64_t largest = 0;
	for (int64_t i = 0; i < r->history.count; i++)
		if (r->history.trial[i].macs > largest)
			largest = r->history.trial[i].macs;
	bool millions = largest >= 1000000;
	opening(f, "score-cost", "Score against cost, every trial", 840, 520);
	fprintf(f, "set xlabel \"multiply-adds for one image (%s)\"\n", millions ? "millions" : "thousands");
	fprintf(f, "set ylabel \"score (nat, larger is better)\"\n"
	        "set offsets graph 0.04, graph 0.04, graph 0.1, graph 0.04\n"
	        "cost(x) = column(\"macs\") / %s\n", millions ? "1e6" : "1e3");
	fprintf(f, "phases(from, to) = column(\"phase\") >= from && column(\"phase\") <= to ? column(\"score\") : NaN\n"
	        "chosen(x) = column(\"member\") > 0 ? column(\"score\") : NaN\nplot \\\n");
	if (last > 2) {
		fprintf(f, "\t'trials.tsv' using (cost(0)):(phases(1, %d)) with points pt 7 ps 0.55 lc rgb " GREY " title ", last - 2);
		fprintf(f, last > 3 ? "\"phases 1 to %d\", \\\n" : "\"phase %d\", \\\n", last - 2);
	}
	if (last > 1)
		fprintf(f, "\t'trials.tsv' using (cost(0)):(phases(%d, %d)) with points pt 7 ps 0.65 lc rgb " SKY " title \"phase %d\", \\\n",
		        last - 1, last - 1, last - 1);
	fprintf(f, "\t'trials.tsv' using (cost(0)):(phases(%d, %d)) with points pt 7 ps 0.8 lc rgb " BLUE " title \"phase %d (last)\"",
	        last, last, last);
	if (r->selection.members.count > 0)
		fprintf(f, ", \\\n\t'trials.tsv' using (cost(0)):(chosen(0)) with points pt 6 lw 2.5 ps 1.6 lc rgb " ORANGE " title \"chosen\"");
	if (r->selection.members.count > 0)      /* the codes of several would cover each other */
		fprintf(f, ", \\\n\t'trials.tsv' using (cost(0)):(chosen(0)):(%s) with labels offset 0,1.2 tc rgb " ORANGE " notitle",
		        r->selection.members.count == 1 ? "stringcolumn(\"code\")" : "stringcolumn(\"member\")");
	putc('\n', f);
}

static void progress(const struct run *r, FILE *f)
{
	struct round_row *row;
	int n = rounds_count(r, &row), first = row[0].round, last = row[n - 1].round;
	opening(f, "progress", "Search progress by round", 840, 520);
	fprintf(f, "set grid noxtics ytics\nset xlabel \"round\"\nset ylabel \"score (nat, larger is better)\"\n"
	        "set offsets 0, 0, graph 0.14, graph 0.04\nset xrange [%d.5:%d.5]\n", first - 1, last);
	if (last - first < 24)
		fputs("set xtics 1\n", f);
	/* scores of different phases do not compare: a line between them */
	for (int i = 0; i < n; i++) {
		if (i && row[i].phase == row[i - 1].phase)
			continue;
		if (i)
			fprintf(f, "set arrow from %g, graph 0 to %g, graph 1 nohead dt 2 lc rgb \"#999999\"\n",
			        row[i].round - 0.5, row[i].round - 0.5);
		fprintf(f, "set label \"phase %d\" at %g, graph 0.965 tc rgb \"#666666\" font \",13\"\n", row[i].phase,
		        row[i].round - 0.45);
	}
	fprintf(f, "in(p, x) = column(\"phase\") == p ? x : NaN\nplot \\\n"
	        "\t'trials.tsv' using (column(\"round\")):(column(\"score\")) with points pt 7 ps 0.45 lc rgb " GREY " title \"trials\"");
	for (int i = 0, named = 0; i < n; i++) {
		if (i && row[i].phase == row[i - 1].phase)
			continue;
		fprintf(f, ", \\\n\t'rounds.tsv' using (column(\"round\")):(in(%d, column(\"mean\"))) with linespoints lw 2 pt 5 ps 0.6 lc rgb "
		        BLUE " %s", row[i].phase, named ? "notitle" : "title \"mean of the round\"");
		fprintf(f, ", \\\n\t'rounds.tsv' using (column(\"round\")):(in(%d, column(\"best_so_far\"))) with linespoints lw 2 pt 9 ps 0.8 lc rgb "
		        ORANGE " %s", row[i].phase, named ? "notitle" : "title \"best so far in the phase\"");
		named = 1;
	}
	putc('\n', f);
}

/* Supernet on the left, retraining on the right: their losses are different ones. */
static void panel(const struct run *r, FILE *f, bool retrain)
{
	static const char *const colour[] = { "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00" };
	int n = 0, plotted = 0;
	for (int k = 0; k < r->n_curves; k++)
		n += r->curve[k].retrain == retrain && r->curve[k].events > 0;
	if (!n)
		return;
	fprintf(f, "set title \"%s\"\nplot \\\n", retrain ? "retraining" : "supernet");
	for (int k = 0; k < r->n_curves; k++) {
		const struct curve *c = &r->curve[k];
		if (c->retrain != retrain || c->events == 0)
			continue;
		fprintf(f, "\t'curves.tsv' using (of(%d, \"%s\")):(column(\"loss\")) with %s lc rgb \"%s\"",
		        k + 1, retrain ? "step" : "total_step", c->events > 1 ? "lines lw 2" : "points pt 7", colour[plotted % 6]);
		plotted++;
		if (n == 1)
			fputs(" notitle", f);
		else
			fprintf(f, " title \"%s %d\"", retrain ? "member" : "phase", plotted);
		fputs(plotted < n ? ", \\\n" : "\n", f);
	}
}

static void curves(const struct run *r, FILE *f)
{
	bool supernet = false, retrain = false;
	for (int k = 0; k < r->n_curves; k++)
		*(r->curve[k].retrain ? &retrain : &supernet) |= r->curve[k].events > 0;
	opening(f, "curves", "Training loss", supernet && retrain ? 900 : 560, 420);
	fprintf(f, "set key inside top right vertical\nset xlabel \"training step\"\nset ylabel \"training loss (nat)\"\n"
	        "set offsets 0, 0, graph 0.04, graph 0.04\n"
	        "of(k, name) = column(\"curve\") == k ? column(name) : NaN\nset multiplot layout 1,%d\n", supernet + retrain);
	panel(r, f, false);
	panel(r, f, true);
	fputs("unset multiplot\n", f);
}

/* Cells: choices by decisions.  Each phase paints the cells that are on in it over those of the phase
 * before, so that what was switched off keeps the colour of its last phase. */
static void survival(const struct run *r, FILE *f)
{
	const struct space *s = r->mask[0].space;
	int choices = 0, widest = 0, longest = 0;
	bool alike = true;               /* every decision names its choices alike: the names fit the axis */
	for (int d = 0; d < s->decisions; d++) {
		if (s->decision[d].choices > choices)
			choices = s->decision[widest = d].choices;
		if ((int)strlen(s->decision[d].name) > longest)
			longest = (int)strlen(s->decision[d].name);
	}
	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++)
			alike &= !strcmp(s->decision[d].choice[c], s->decision[widest].choice[c]);
	int width = 220 + 76 * s->decisions, height = 190 + 74 * choices;
	opening(f, "survival", "Which choices survived", width < 560 ? 560 : width > 1800 ? 1800 : width,
	        height > 1200 ? 1200 : height);
	fprintf(f, "unset border\nunset grid\nset tics scale 0\nset xrange [-0.6:%d.4]\nset yrange [%d.5:-0.5]\n",
	        s->decisions - 1, choices - 1);
	fputs("set xtics ", f);
	fputs(longest > 7 ? "rotate by -35 (" : "(", f);
	for (int d = 0; d < s->decisions; d++) {
		fputs(d ? ", " : "", f);
		quoted(f, s->decision[d].name);
		fprintf(f, " %d", d);
	}
	fputs(")\nset ytics (", f);
	for (int c = 0; c < choices; c++) {
		char number[32];
		snprintf(number, sizeof number, "choice %d", c);
		fputs(c ? ", " : "", f);
		quoted(f, alike ? s->decision[widest].choice[c] : number);
		fprintf(f, " %d", c);
	}
	fputs(")\non(p) = column(\"phase\") == p && column(\"on\") == 1 ? column(\"decision\") : NaN\nplot \\\n", f);
	for (int p = 0; p < r->n_masks; p++) {
		/* light grey, then ever deeper blue, up to #0072b2 */
		double t = r->n_masks > 1 ? (double)p / (r->n_masks - 1) : 1;
		int red = (int)(224 - 224 * t), green = (int)(228 - 114 * t), blue = (int)(232 - 54 * t);
		fprintf(f, "\t'survival.tsv' using (on(%lld)):(column(\"choice\")):(0.46):(0.42) with boxxyerror fs solid noborder lc rgb "
		        "\"#%02x%02x%02x\" title ", (long long)r->mask[p].phase, red, green, blue);
		if (p == r->n_masks - 1)
			fputs("\"still on\"", f);
		else
			fprintf(f, "\"off after phase %lld\", \\\n", (long long)r->mask[p].phase);
	}
	if (r->selection.members.count > 0)
		fprintf(f, ", \\\n\t'survival.tsv' using (column(\"phase\") == %lld && column(\"selected\") > 0 ? column(\"decision\") : NaN):"
		        "(column(\"choice\")) with points pt 7 ps 1.1 lc rgb \"#e69f00\" title \"chosen\"",
		        (long long)r->mask[r->n_masks - 1].phase);
	putc('\n', f);
}

int plots_write(const struct run *r, const char *folder, bool *drawn)
{
	bool events = false;
	for (int k = 0; k < r->n_curves; k++)
		events |= r->curve[k].events > 0;
	bool scores = history_last_phase(&r->history) >= 0;
	const struct { const char *name; bool any; void (*write)(const struct run *r, FILE *f); } plot[] = {
		{ "score-cost", scores, score_cost },
		{ "progress", scores, progress },
		{ "curves", events, curves },
		{ "survival", r->n_masks > 0, survival },
	};
	*drawn = true;
	for (size_t i = 0; i < sizeof plot / sizeof *plot; i++) {
		char script[64], svg[64];
		snprintf(script, sizeof script, "%s.gp", plot[i].name);
		snprintf(svg, sizeof svg, "%s.svg", plot[i].name);
		TRY(textfile_remove(folder, svg));
		if (!plot[i].any) {
			TRY(textfile_remove(folder, script));
			continue;
		}
		struct textfile t;
		TRY(textfile_open(&t, folder, script));
		plot[i].write(r, t.f);
		TRY(textfile_commit(&t));
		int code = *drawn ? gnuplot_run(folder, script, svg) : 0;
		TRY(code);
		if (code == 1)
			*drawn = false;
	}
	return 0;
}
