/* What every main() shares: options, inputs, recipe, log, signals, exit status.
 *
 *   int main(int argc, char **argv)
 *   {
 *           struct propose_args a = PROPOSE_DEFAULTS;
 *           const struct opt options[] = { OPT_LONG("k", &a.k, 1, 4096, "candidates"), ..., OPT_END };
 *           struct stage_input inputs[] = { { "space", "space.h5" }, { "history", ..., .optional = true }, { NULL } };
 *           struct stage s = { .name = "nas-propose", .version = 1, .summary = "...", .options = options,
 *                              .inputs = inputs, .output = "candidates.h5" };
 *           stage_begin(&s, argc, argv);
 *           die_on(propose(&a, inputs[0].path, inputs[1].path, s.out, &s.recipe));
 *           return stage_end(&s);
 *   }
 *
 * Command line: --<role> FILE for each input (repeatable where many = true), --out FILE, recorded
 * and execution options of the stage, and for all stages: --log FILE, --threads N, --quiet, --help,
 * --recipe (print the recipe that this command line has now and exit: what nas-stale asks).
 * An unknown option, a missing input or a bad value ends with status 64 or 66 and one line. */
#ifndef STAGES_FRAME_H
#define STAGES_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/opt.h"
#include "h5/recipe.h"

struct stage_input {
	const char *role;         /* option name and role in the recipe */
	const char *help;
	bool optional;
	bool many;                /* may be given several times, order kept */
	const char *word;         /* stands for no file: --weights scratch; NULL = none.  Then path is NULL */
	bool foreign;             /* not one of our HDF5 files: digest by stage->foreign_digest, or of its bytes */
	/* filled by stage_begin */
	int n_paths;
	const char **paths;
	const char *path;         /* paths[0], NULL when not given */
};

struct stage {
	const char *name;
	int version;              /* raise it when the same options and inputs give other bytes */
	const char *summary;
	const struct opt *options;
	struct stage_input *inputs;    /* ends with role == NULL */
	const char *output;            /* what --out is, for help; NULL = no --out */
	const bool *no_output;         /* a flag under which --out may be left out (a dry run); NULL = never */
	bool graceful;                 /* polls signals_stopping() and checkpoints */
	/* digest of a foreign input (a folder of images); may be NULL */
	int (*foreign_digest)(struct stage *s, const struct stage_input *in, struct digest *d);
	/* filled by stage_begin */
	const char *out;
	int64_t threads;
	struct h5_recipe recipe;
	struct arena *mem;             /* lives until stage_end */
};

void stage_begin(struct stage *s, int argc, char **argv);
int stage_end(struct stage *s);    /* log line with seconds; frees mem; returns 0 */

#endif
