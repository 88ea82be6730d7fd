/* nas-stale: which targets of a plan are out of date.
 *
 *   nas-stale PLAN              prints stale and missing targets, one a line, closed over descendants
 *   nas-stale PLAN --explain    and why
 *   nas-stale PLAN --status     a table of every target, and of files that no target is
 *   nas-stale PLAN --verify     checks every byte and the chain of digests; status 65 when one is wrong
 *
 * Clocks decide nothing: the recipe in a file is compared with the one its options and inputs give now. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/signals.h"
#include "stages/stale/plan.h"

static const char usage[] = "usage: nas-stale PLAN [--explain | --status | --verify]";

static void print_stale(const struct plan *p, bool explain)
{
	int i, n = 0;

	for (i = 0; i < p->n; i++) {
		const struct target *t = &p->targets[i];

		if (t->state == STATE_FRESH)
			continue;
		n++;
		if (explain)
			printf("%s: %s\n", t->path, t->reason);
		else
			puts(t->path);
	}
	if (explain && !n)
		puts("everything is up to date: nothing would run");
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	struct arena *mem;
	struct plan plan;

	die_set_program("nas-stale");
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		puts(usage);
		die_printed(0);
	}
	if (argc < 2 || argc > 3 || argv[1][0] == '-' ||
	    (*what && strcmp(what, "--explain") && strcmp(what, "--status") && strcmp(what, "--verify")))
		die(-ERR_USAGE, "%s", usage);
	signals_install(false);
	mem = arena_new();
	die_on(plan_read(&plan, argv[1], mem));
	die_on(plan_ask(&plan, pool_cpus(), mem));
	if (!strcmp(what, "--verify")) {
		if (plan_verify(&plan, mem))
			die(-ERR_DATA,
			    "the run is damaged; the files marked BAD above can be removed, the next make remakes them");
	} else {
		die_on(plan_judge(&plan, *what, mem));
		if (!strcmp(what, "--status"))
			die_on(plan_print_status(&plan, mem));
		else
			print_stale(&plan, *what);
	}
	arena_free(mem);
	die_printed(0);
}
