/* The plan: what pipelines/engine.mk wants to have made, and what the stages say about it.
 *
 * One line for each target, inputs before what is made from them, fields separated by tabs:
 *
 *   results/a/history.h5 <TAB> results/a/space.h5 results/a/round-01/scores-01.h5 <TAB> build/release/bin/nas-record ...
 *
 * The command followed by --recipe prints the recipe that the target would have now. */
#ifndef STALE_PLAN_H
#define STALE_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

enum state { STATE_FRESH, STATE_STALE, STATE_MISSING };

struct target {
	const char *path;
	int n_inputs;
	const char **inputs;
	const char *command;
	/* what the stage said: exit status, recipe, messages */
	int status;
	char *recipe, *complaint;
	/* what follows from it */
	enum state state;
	const char *reason;          /* NULL when fresh */
};

struct plan { int n; struct target *targets; };

/* ERR_NOINPUT, or ERR_DATA for a line that is none. */
int plan_read(struct plan *p, const char *path, struct arena *mem);

/* Asks every stage for its recipe, `jobs` at a time.  A command line that a stage refuses (status 64 or
 * 78), or a stage that could not work (70, 74), is an error with the stage's own message, before anything has
 * run. */
int plan_ask(struct plan *p, int jobs, struct arena *mem);

/* Fills in state and reason.  A target is stale when its recipe is not the one of its file, when its file
 * is damaged, or when an input is to be remade.  explain = true finds the differing line (opens files).
 * ERR_IO when a file that is there cannot be read: nothing is known about it then. */
int plan_judge(struct plan *p, bool explain, struct arena *mem);

/* Checks every file and that its recipe names the inputs that are there; prints a line for each.
 * Returns the number of files that failed. */
int plan_verify(struct plan *p, struct arena *mem);

bool plan_h5_named(const char *path);        /* ends in ".h5" */

/* A line for each target, and for each .h5 file below the run that is none.  One made by another engine
 * (backend.h) stays fresh, because machines share runs; the line says so. */
int plan_print_status(const struct plan *p, struct arena *mem);

#endif
