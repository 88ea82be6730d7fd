/* NAS-Bench-201 (Dong and Yang 2020, "NAS-Bench-201: extending the scope of reproducible neural architecture
 * search", ICLR, section 2): one cell of 4 nodes and 6 edges, repeated in three stages.
 *
 *   stem     conv3x3 c -> C, BN
 *   stage0   N cells of width C
 *   reduce0  residual block of stride 2: [ReLU conv3x3/2 BN] [ReLU conv3x3 BN] + [avgpool2x2/2 conv1x1], width 2C
 *   stage1   N cells; reduce1 alike, width 4C; stage2  N cells
 *   head     BN, ReLU, global average pool
 *
 * Node 0 of a cell is its input, node i the sum of op_ij(node j) over j < i, node 3 its output; operations:
 * zero ("none"), identity, ReLU-conv1x1-BN, ReLU-conv3x3-BN, 3x3 average pool.
 *
 * Canonical form.  The output of a cell is an expression of its input: sums of terms op(sum), identities
 * dissolved, whatever a zero makes zero left out, terms in order.  Codes with one expression are one class,
 * 4,930 in all, one of them constant (341 codes); it is named by its code with the fewest edges, then the
 * first.  In 326 classes a convolution that is read twice stands for two of the same sum as well: equal for
 * equal weights. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "nn/layers.h"
#include "space/space.h"

enum { NONE, SKIP, CONV1, CONV3, POOL, CHOICES };
enum { INITIAL_CHANNELS, CELLS };    /* options */

#define EDGES 6
#define NODES 4
#define STAGES 3
#define CODES 15625                  /* 5^6 */
#define MOST_TERMS 4                 /* of a sum: the input three times over and node 1 */
#define MOST_SUMS 256                /* different values of nodes 1 and 2: 5 and at most 125 */
#define TERM_BITS 10                 /* 2 + 3 * MOST_SUMS terms */

static const struct space_option options[] = {
	{ "initial-channels", 16, 8, 1, 1024, false, NULL, "width of the first stage" },
	{ "cells", 5, 1, 1, 64, false, NULL, "cells of each of the three stages" },
	{ NULL }
};
static const char *const choice[] = { "none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                      "avg_pool_3x3" };
static const struct decision decision[EDGES] = {
	{ "1_from_0", CHOICES, choice }, { "2_from_0", CHOICES, choice }, { "2_from_1", CHOICES, choice },
	{ "3_from_0", CHOICES, choice }, { "3_from_1", CHOICES, choice }, { "3_from_2", CHOICES, choice },
};

/* ---- canonical form ----------------------------------------------------------------------------- */

/* Sums as numbers: up to four terms in ascending order, TERM_BITS each; 0: the empty sum.  A term is 1, the
 * input of the cell, or 2 + 3 s + op - CONV1 for an operation on sum number s. */
struct sums { uint64_t sum[MOST_SUMS]; int count; };

static uint64_t sum_add(uint64_t sum, uint64_t term)
{
	uint64_t mask = (1 << TERM_BITS) - 1, out = 0;
	bool placed = false;
	int at = 0;

	for (; sum; sum >>= TERM_BITS) {
		if (!placed && term < (sum & mask)) {
			out |= term << at;
			at += TERM_BITS;
			placed = true;
		}
		out |= (sum & mask) << at;
		at += TERM_BITS;
	}
	return placed ? out : out | term << at;
}

static uint64_t sum_number(struct sums *s, uint64_t sum)
{
	for (int i = 0; i < s->count; i++)
		if (s->sum[i] == sum)
			return (uint64_t)i;
	s->sum[s->count] = sum;
	return (uint64_t)s->count++;
}

/* The expression of node 3. */
static uint64_t expression(struct sums *s, const uint8_t *code)
{
	uint64_t node[NODES] = { 1 }, mask = (1 << TERM_BITS) - 1;
	int edge = 0;

	for (int i = 1; i < NODES; i++)
		for (int j = 0; j < i; j++, edge++) {
			if (code[edge] == NONE || !node[j])
				continue;
			if (code[edge] == SKIP)
				for (uint64_t terms = node[j]; terms; terms >>= TERM_BITS)
					node[i] = sum_add(node[i], terms & mask);
			else
				node[i] = sum_add(node[i], 2 + 3 * sum_number(s, node[j]) + code[edge] - CONV1);
		}
	return node[NODES - 1];
}

static void number_code(int number, uint8_t *code)
{
	for (int e = EDGES - 1; e >= 0; e--, number /= CHOICES)
		code[e] = (uint8_t)(number % CHOICES);
}

static int code_number(const uint8_t *code)
{
	int number = 0;

	for (int e = 0; e < EDGES; e++)
		number = number * CHOICES + code[e];
	return number;
}

struct entry { uint64_t expression; int edges, number; };

static int by_class(const void *a, const void *b)
{
	const struct entry *p = a, *q = b;

	if (p->expression != q->expression)
		return p->expression < q->expression ? -1 : 1;
	return p->edges != q->edges ? p->edges - q->edges : p->number - q->number;
}

/* Number of a code -> number of its canonical form. */
static const uint16_t *classes(struct arena *mem)
{
	uint16_t *form = ARENA_NEW(mem, uint16_t, CODES);
	struct arena_mark mark = arena_mark(mem);
	struct entry *entry = ARENA_NEW(mem, struct entry, CODES);
	struct sums sums = { .count = 0 };
	int first = 0;

	for (int n = 0; n < CODES; n++) {
		uint8_t code[EDGES];

		number_code(n, code);
		entry[n] = (struct entry){ .expression = expression(&sums, code), .number = n };
		for (int e = 0; e < EDGES; e++)
			entry[n].edges += code[e] != NONE;
	}
	qsort(entry, CODES, sizeof *entry, by_class);
	for (int i = 0; i < CODES; i++) {
		if (entry[i].expression != entry[first].expression)
			first = i;
		form[entry[i].number] = (uint16_t)entry[first].number;
	}
	arena_rewind(mem, mark);
	return form;
}

static void nasbench201_canonical(const struct space *s, const uint8_t *in, uint8_t *out)
{
	const uint16_t *form = s->data;

	number_code(form[code_number(in)], out);
}

static int nasbench201_init(struct space *s)
{
	const struct space_settings *set = &s->settings;

	if (set->rows % 4 || set->columns % 4)
		return err_set(ERR_CONFIG,
		               "space nasbench201 halves images twice: %lld x %lld pixels, expected multiples of 4 "
		               "(nas-ingest --size)", (long long)set->rows, (long long)set->columns);
	s->decisions = EDGES;
	s->decision = decision;
	s->data = classes(s->mem);
	return 0;
}

/* Only convolutions have parameters, and a cell of nothing else has them on all edges. */
static bool nasbench201_cover(const struct space *s, int n, uint8_t *code)
{
	(void)s;
	memset(code, n ? CONV3 : CONV1, EDGES);
	return n < 2;
}

/* ---- graph ---------------------------------------------------------------------------------------- */

/* The value of a node, its value behind a ReLU: -1 while nothing has asked for it. */
struct value { int terms, term[NODES - 1], sum, active; };

/* The sum of what reaches a node; zeros in the shape of `like` where nothing does. */
static int value(struct nn_graph *g, const char *cell, int node, struct value *v, int like)
{
	if (v->sum >= 0)
		return v->sum;
	if (!v->terms)
		v->sum = nn_zero(g, arena_printf(g->mem, "%s/node%d", cell, node), like);
	else if (v->terms == 1)
		v->sum = v->term[0];
	else
		v->sum = nn_graph_op(g, "add", arena_printf(g->mem, "%s/node%d", cell, node), v->terms, v->term, 0, NULL);
	return v->sum;
}

static int edge(struct nn_graph *g, const char *cell, int to, int from, int op, struct value *v,
                int64_t width, int like)
{
	const char *name = arena_printf(g->mem, "%s/%d_from_%d/%s", cell, to, from, choice[op]);
	int x = value(g, cell, from, v, like);

	if (op == SKIP)
		return x;
	if (op == POOL)
		return nn_avgpool(g, name, x, 3, 1);
	if (v->active < 0)
		v->active = nn_act(g, arena_printf(g->mem, "%s/node%d/relu", cell, from), x, ACT_RELU);
	return nn_conv_bn(g, name, v->active, width, op == CONV1 ? 1 : 3, 1, ACT_NONE);
}

static int cell(struct nn_graph *g, const char *name, const uint8_t *code, int x, int64_t width)
{
	struct value v[NODES];
	int e = 0;

	for (int i = 0; i < NODES; i++)
		v[i] = (struct value){ .sum = i ? -1 : x, .active = -1 };
	for (int i = 1; i < NODES; i++)
		for (int j = 0; j < i; j++, e++)
			if (code[e] != NONE)
				v[i].term[v[i].terms++] = edge(g, name, i, j, code[e], &v[j], width, x);
	return value(g, name, NODES - 1, &v[NODES - 1], x);
}

static int reduction(struct nn_graph *g, const char *name, int x, int64_t width)
{
	int y = nn_act(g, arena_printf(g->mem, "%s/relu", name), x, ACT_RELU);

	y = nn_conv_bn(g, arena_printf(g->mem, "%s/conv1", name), y, width, 3, 2, ACT_RELU);
	y = nn_conv_bn(g, arena_printf(g->mem, "%s/conv2", name), y, width, 3, 1, ACT_NONE);
	x = nn_avgpool(g, arena_printf(g->mem, "%s/pool", name), x, 2, 2);
	x = nn_conv(g, arena_printf(g->mem, "%s/shortcut", name), x, width, 1, 1);
	return nn_add(g, arena_printf(g->mem, "%s/add", name), x, y);
}

static int nasbench201_build(const struct space *s, const uint8_t *code, struct nn_graph *g)
{
	int64_t width = (int64_t)s->option[INITIAL_CHANNELS];
	int x = nn_graph_input(g, "image", s->settings.rows, s->settings.columns, s->settings.channels);

	x = nn_conv_bn(g, "stem", x, width, 3, 1, ACT_NONE);
	for (int stage = 0; stage < STAGES; stage++, width *= 2) {
		if (stage)
			x = reduction(g, arena_printf(g->mem, "reduce%d", stage - 1), x, width);
		for (int i = 0; i < (int)s->option[CELLS]; i++)
			x = cell(g, arena_printf(g->mem, "stage%d/cell%d", stage, i), code, x, width);
	}
	x = nn_batchnorm(g, "head/bn", x, ACT_RELU);
	return nn_global_pool(g, "head/pool", x);
}

/* ---- text ----------------------------------------------------------------------------------------- */

/* |op~0|+|op~0|op~1|+|op~0|op~1|op~2| */
static void nasbench201_print(const struct space *s, const uint8_t *code, char *text, int size)
{
	int e = 0, used = 0;

	(void)s;
	for (int i = 1; i < NODES; i++) {
		for (int j = 0; j < i && used < size; j++, e++)
			used += snprintf(text + used, (size_t)(size - used), "%s%s~%d", j || i == 1 ? "|" : "|+|",
			                 choice[code[e]], j);
	}
	if (used < size)
		snprintf(text + used, (size_t)(size - used), "|");
}

static int nasbench201_parse(const struct space *s, const char *text, uint8_t *code)
{
	const char *at = text;
	int e = 0;

	(void)s;
	for (int i = 1; i < NODES; i++)
		for (int j = 0; j < i; j++, e++) {
			const char *open = j || i == 1 ? "|" : "|+|";
			int op = 0;
			char end[16];
			size_t length = 0;

			if (strncmp(at, open, strlen(open)))
				return err_set(ERR_DATA, "architecture \"%.120s\", %s: \"%.20s\", expected \"%s\"", text,
				               decision[e].name, at, open);
			at += strlen(open);
			snprintf(end, sizeof end, "~%d", j);
			for (; op < CHOICES; op++) {
				length = strlen(choice[op]);
				if (!strncmp(at, choice[op], length) && !strncmp(at + length, end, strlen(end)))
					break;
			}
			if (op == CHOICES)
				return err_set(ERR_DATA, "architecture \"%.120s\", %s: \"%.20s\", expected none, skip_connect, nor_conv_1x1, "
				               "nor_conv_3x3 or avg_pool_3x3 and %s", text, decision[e].name, at, end);
			code[e] = (uint8_t)op;
			at += length + strlen(end);
		}
	if (strcmp(at, "|"))
		return err_set(ERR_DATA, "architecture \"%.120s\": ends with \"%.20s\", expected \"|\"", text, at);
	return 0;
}

const struct space_type space_nasbench201 = {
	.name = "nasbench201", .summary = "NAS-Bench-201: a cell of six edges, each zero, identity, conv 1x1, conv 3x3 or average pool",
	.options = options, .init = nasbench201_init, .canonical = nasbench201_canonical, .build = nasbench201_build,
	.cover = nasbench201_cover, .print = nasbench201_print, .parse = nasbench201_parse,
};
