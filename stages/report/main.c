/* nas-report: tables, pictures and a summary of a run, finished or not.
 * Its output is for people and never an input of a stage, so it has no recipe of its own. */
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "base/tempfile.h"
#include "plots.h"
#include "stages/frame.h"
#include "summary.h"
#include "tables.h"

static int report(const char *folder, const char *out, struct arena *mem)
{
	struct run r;
	bool drawn = true;
	TRY(run_read(&r, folder, mem));
	TRY(make_folder(out));
	TRY(tempfile_sweep(out));
	TRY(tables_write(&r, out));
	TRY(plots_write(&r, out, &drawn));
	if (!drawn)
		log_event("no-pictures", "gnuplot is not installed: %s has the scripts (*.gp) only", out);
	return summary_write(&r, out, drawn);
}

int main(int argc, char **argv)
{
	const char *run = NULL;
	const struct opt options[] = {
		OPT_EXEC_TEXT("run", &run, "folder of the run, such as results/NAME"),
		OPT_END
	};
	struct stage_input inputs[] = { { NULL } };
	struct stage s = { .name = "nas-report", .version = 1, .summary = "tables, pictures and a summary of a run",
	                   .options = options, .inputs = inputs, .output = "folder of the report, such as results/NAME/report" };
	stage_begin(&s, argc, argv);
	if (!run)
		die(-ERR_USAGE, "--run is missing: the folder of a run, such as results/NAME");
	die_on(report(run, s.out, s.mem));
	return stage_end(&s);
}
