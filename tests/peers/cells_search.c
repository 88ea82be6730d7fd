/* Our searchers on the synthetic objective, for a peer to be measured on the same one.
 *
 *   cells_search tables SEED          mean, SD, then the tables edge, inside, across: one number a line
 *   cells_search run SEED TRIALS      best value of random, tpe (profiles csnas and default) and evolution
 *   cells_search value SEED           value of the architecture whose decision d takes choice d mod its choices */
#include <stdio.h>
#include <stdlib.h>
#include "base/die.h"
#include "base/err.h"
#include "tests/common/search/cells.h"

extern const struct strategy strategy_tpe, strategy_random, strategy_regularized_evolution;

static void print_numbers(const double *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%.17g\n", x[i]);
}

static void print_tables(const struct cells *z)
{
	print_numbers(&z->mean, 1);
	print_numbers(&z->sd, 1);
	print_numbers(&z->edge[0][0][0][0], sizeof z->edge / sizeof(double));
	print_numbers(&z->inside[0][0][0][0], sizeof z->inside / sizeof(double));
	print_numbers(&z->across[0][0][0][0][0], sizeof z->across / sizeof(double));
}

static void run(const struct space *s, const struct cells *z, uint64_t seed, int trials, struct arena *mem)
{
	const struct { const char *name; const struct strategy *strategy; const struct strategy_settings *settings; } row[] = {
		{ "random", &strategy_random, &strategy_defaults },
		{ "csnas", &strategy_tpe, strategy_profile("csnas") },
		{ "tpe", &strategy_tpe, &strategy_defaults },
		{ "evolution", &strategy_regularized_evolution, &strategy_defaults },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct strategy_settings set = *row[i].settings;
		struct history h = { .trial = ARENA_NEW(mem, struct trial, trials) };

		set.seed = seed;
		printf("%s %.6f\n", row[i].name, cells_search(row[i].strategy, &set, s, z, &h, trials, 1, mem));
	}
}

static void print_value(const struct space *s, const struct cells *z)
{
	uint8_t code[CELLS_DECISIONS];

	for (int d = 0; d < CELLS_DECISIONS; d++)
		code[d] = (uint8_t)(d % s->decision[d].choices);
	printf("%.17g\n", cells_value(z, code));
}

int main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	struct space *s = cells_space(mem);
	struct cells *z = ARENA_NEW(mem, struct cells, 1);
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

	if (argc < 3)
		die_on(err_set(ERR_USAGE, "usage: cells_search tables|run|value SEED [TRIALS]"));
	cells_init(z, s, seed);
	if (!strcmp(argv[1], "tables"))
		print_tables(z);
	else if (!strcmp(argv[1], "run"))
		run(s, z, seed, argc > 3 ? atoi(argv[3]) : 220, mem);
	else
		print_value(s, z);
	arena_free(mem);
	return 0;
}
