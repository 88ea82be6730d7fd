#include "space/genotype.h"

#include <string.h>
#include "space/space.h"

const char *const genotype_cell[GENOTYPE_CELLS] = { "normal", "reduce" };

int genotype_pairs(int node)
{
	return node * (node - 1) / 2;
}

void genotype_pair(int number, uint8_t from[2])
{
	int b = 1;

	while (genotype_pairs(b + 1) <= number)
		b++;
	from[0] = (uint8_t)(number - genotype_pairs(b));
	from[1] = (uint8_t)b;
}

static int pair_number(const uint8_t from[2])
{
	return genotype_pairs(from[1]) + from[0];
}

/* ---- decisions ---------------------------------------------------------------------------------- */

/* Names of the first n pairs. */
static const char *const *pair_names(int n, struct arena *mem)
{
	const char **name = ARENA_NEW(mem, const char *, n);

	for (int p = 0; p < n; p++) {
		uint8_t from[2];

		genotype_pair(p, from);
		name[p] = arena_printf(mem, "%d+%d", from[0], from[1]);
	}
	return name;
}

static int direct_decisions(const struct genotype_form *f, struct arena *mem, struct decision *to)
{
	int n = 0;

	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int node = GENOTYPE_INPUTS; node < f->nodes + GENOTYPE_INPUTS; node++) {
			const char *at = arena_printf(mem, "%s_%d", genotype_cell[cell], node);

			if (genotype_pairs(node) > 1)
				to[n++] = (struct decision){ arena_printf(mem, "%s_from", at), genotype_pairs(node),
				                             pair_names(genotype_pairs(node), mem) };
			to[n++] = (struct decision){ arena_printf(mem, "%s_first", at), f->operations, f->operation };
			to[n++] = (struct decision){ arena_printf(mem, "%s_second", at), f->operations, f->operation };
		}
	return n;
}

static int edge_decisions(const struct genotype_form *f, struct arena *mem, struct decision *to)
{
	const char **name = ARENA_NEW(mem, const char *, f->operations + 1);
	int n = 0;

	name[0] = "none";
	for (int op = 0; op < f->operations; op++)
		name[op + 1] = f->operation[op];
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int node = GENOTYPE_INPUTS; node < f->nodes + GENOTYPE_INPUTS; node++)
			for (int from = 0; from < node; from++)
				to[n++] = (struct decision){ arena_printf(mem, "%s_%d_from_%d", genotype_cell[cell], node, from),
				                             f->operations + 1, name };
	return n;
}

int genotype_decisions(const struct genotype_form *f, struct arena *mem, struct decision **decision)
{
	*decision = ARENA_NEW(mem, struct decision, SPACE_MAX_DECISIONS);
	return f->edges ? edge_decisions(f, mem, *decision) : direct_decisions(f, mem, *decision);
}

/* ---- codes -------------------------------------------------------------------------------------- */

static void direct_decode(const struct genotype_form *f, const uint8_t *code, struct genotype *g)
{
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int i = 0; i < f->nodes; i++) {
			genotype_pair(i ? *code++ : 0, g->node[cell][i].from);
			g->node[cell][i].op[0] = *code++;
			g->node[cell][i].op[1] = *code++;
		}
}

static void direct_encode(const struct genotype_form *f, const struct genotype *g, uint8_t *code)
{
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int i = 0; i < f->nodes; i++) {
			if (i)
				*code++ = (uint8_t)pair_number(g->node[cell][i].from);
			*code++ = g->node[cell][i].op[0];
			*code++ = g->node[cell][i].op[1];
		}
}

/* Sources of one node under edge8: the first two that are coded; places that are left go to the first others. */
static void kept_sources(const uint8_t *code, int node, uint8_t from[2])
{
	int kept = 0;
	bool taken[GENOTYPE_NODES + GENOTYPE_INPUTS] = { false };

	for (int pass = 0; pass < 2; pass++)
		for (int j = 0; j < node && kept < 2; j++)
			if (!taken[j] && (pass || code[j])) {
				taken[j] = true;
				kept++;
			}
	for (int j = 0, k = 0; j < node; j++)
		if (taken[j])
			from[k++] = (uint8_t)j;
}

static void edge_decode(const struct genotype_form *f, const uint8_t *code, struct genotype *g)
{
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int i = 0; i < f->nodes; code += i + GENOTYPE_INPUTS, i++) {
			uint8_t *from = g->node[cell][i].from;

			kept_sources(code, i + GENOTYPE_INPUTS, from);
			for (int k = 0; k < 2; k++)
				g->node[cell][i].op[k] = code[from[k]] ? code[from[k]] - 1 : 0;
		}
}

static void edge_encode(const struct genotype_form *f, const struct genotype *g, uint8_t *code)
{
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int i = 0; i < f->nodes; code += i + GENOTYPE_INPUTS, i++) {
			memset(code, 0, (size_t)(i + GENOTYPE_INPUTS));
			for (int k = 0; k < 2; k++)
				code[g->node[cell][i].from[k]] = g->node[cell][i].op[k] + 1;
		}
}

void genotype_decode(const struct genotype_form *f, const uint8_t *code, struct genotype *g)
{
	memset(g, 0, sizeof *g);
	if (f->edges)
		edge_decode(f, code, g);
	else
		direct_decode(f, code, g);
}

void genotype_encode(const struct genotype_form *f, const struct genotype *g, uint8_t *code)
{
	if (f->edges)
		edge_encode(f, g, code);
	else
		direct_encode(f, g, code);
}

/* ---- dead nodes --------------------------------------------------------------------------------- */

unsigned genotype_live(const struct genotype_form *f, const struct genotype *g, int cell)
{
	unsigned live = 0;

	for (int node = f->nodes + GENOTYPE_INPUTS - 1; node >= GENOTYPE_INPUTS; node--) {
		if (node >= f->first)
			live |= 1u << node;
		if (live >> node & 1)
			for (int k = 0; k < 2; k++)
				live |= 1u << g->node[cell][node - GENOTYPE_INPUTS].from[k];
	}
	return live;
}

void genotype_prune(const struct genotype_form *f, struct genotype *g)
{
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++) {
		unsigned live = genotype_live(f, g, cell);

		for (int i = 0; i < f->nodes; i++)
			if (!(live >> (i + GENOTYPE_INPUTS) & 1)) {
				memset(&g->node[cell][i], 0, sizeof g->node[cell][i]);
				g->node[cell][i].from[1] = 1;
			}
	}
}
