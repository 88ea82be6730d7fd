/* nas-report: tables, pictures and a summary of a run, finished or not.
 * recipe.txt, written last, tells nas-stale what the report was made from. */
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "plots.h"
#include "stages/frame.h"
#include "summary.h"
#include "tables.h"
#include "textfile.h"

static int digest(struct stage *s, const struct stage_input *in, struct digest *d)
{
	return run_digest(in->path, s->mem, d);
}

static int report(const char *folder, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	struct run r;
	struct textfile t;
	bool drawn = true;
	TRY(run_read(&r, folder, mem));
	TRY(make_folder(out));
	TRY(tempfile_sweep(out));
	TRY(textfile_remove(out, "recipe.txt"));
	TRY(tables_write(&r, out));
	TRY(plots_write(&r, out, &drawn));
	if (!drawn)
		log_event("no-pictures", "gnuplot is not installed: %s has the scripts (*.gp) only", out);
	TRY(summary_write(&r, out, drawn));
	TRY(textfile_open(&t, out, "recipe.txt"));
	fputs(recipe->text, t.f);
	return textfile_commit(&t);
}

int main(int argc, char **argv)
{
	const struct opt options[] = { OPT_END };
	struct stage_input inputs[] = {
		{ .role = "run", .help = "folder of the run, such as results/NAME", .foreign = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-report", .version = 1, .summary = "tables, pictures and a summary of a run",
		.options = options, .inputs = inputs, .output = "folder of the report", .foreign_digest = digest,
	};
	stage_begin(&s, argc, argv);
	die_on(report(inputs[0].path, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
