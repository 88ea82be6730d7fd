/* DARTS (Liu, Simonyan and Yang 2019, "DARTS: differentiable architecture search", ICLR, section 3.1 and
 * appendix A): a normal and a reduction cell, stacked.  CSNAS (Nguyen and Chang 2021) and SETN (Dong and Yang
 * 2019) search it.
 *
 *   stem       cifar: conv3x3 c -> 3C, BN;  imagenet: three strided conv3x3 to C/2, C, C with BN, ReLU between
 *   L cells    reduction cells at L/3 and 2L/3, where widths double; all others normal
 *   feature    global average pool of the last cell: 16C wide with four nodes in the output
 *
 * A cell brings its inputs (the outputs of the two cells before) to its width with ReLU, conv1x1, BN, or a
 * factorised reduction where the first of them is larger; in a reduction cell operations on inputs have
 * stride 2.  All that read one tensor share its ReLU.  What a node reads is in its genotype; what does not
 * reach the output is not built.  While training there may be drop-path on every operation but the identity,
 * and an auxiliary head behind the second reduction cell (output "auxiliary"). */
#include <string.h>
#include "base/err.h"
#include "nn/layers.h"
#include "space/genotype.h"
#include "space/space.h"

enum { INITIAL_CHANNELS, CELLS, NODES, OUTPUT, ENCODING, OPERATIONS, NETWORK };          /* options */
enum { LAST_FOUR, ALL };
enum { DIRECT, EDGE8 };
enum { CIFAR, IMAGENET };
enum { NORMAL, REDUCE };

enum operation { MAX_POOL, AVG_POOL, SKIP, SEP_3X3, SEP_5X5, DIL_3X3, DIL_5X5, RANK1 };

static const char *const output_word[] = { "last-four", "all", NULL };
static const char *const encoding_word[] = { "direct", "edge8", NULL };
static const char *const operations_word[] = { "darts", "setn", NULL };
static const char *const network_word[] = { "cifar", "imagenet", NULL };
static const struct space_option options[] = {
	{ "initial-channels", 16, 8, 2, 1024, false, NULL, "width of the first cells" },
	{ "cells", 8, 3, 1, 64, false, NULL, "cells of the network" },
	{ "nodes", 4, 4, 4, GENOTYPE_NODES, false, NULL, "nodes of a cell" },
	{ "cell-output", LAST_FOUR, LAST_FOUR, .word = output_word, .help = "nodes in the output of a cell" },
	{ "encoding", DIRECT, DIRECT, .word = encoding_word, .help = "what is decided: source pairs and operations, or edges" },
	{ "operations", 0, 0, .word = operations_word, .help = "list of operations; setn: no dilated ones but 1x3-3x1" },
	{ "network", CIFAR, CIFAR, .word = network_word, .help = "stem: one conv3x3, or three with stride 2" },
	{ NULL }
};

/* Each list: what is meant, what it is called. */
#define LIST_MOST 7
static const struct operations {
	int count;
	enum operation op[LIST_MOST];
	const char *name[LIST_MOST];
} lists[] = {
	{ 7, { MAX_POOL, AVG_POOL, SKIP, SEP_3X3, SEP_5X5, DIL_3X3, DIL_5X5 },
	  { "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5" } },
	{ 6, { MAX_POOL, AVG_POOL, SKIP, SEP_3X3, SEP_5X5, RANK1 },
	  { "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "conv_1x3_3x1" } },
};

static int option(const struct space *s, int which)
{
	return (int)s->option[which];
}

static int darts_init(struct space *s)
{
	struct genotype_form *f = ARENA_NEW(s->mem, struct genotype_form, 1);
	const struct operations *list = &lists[option(s, OPERATIONS)];
	struct decision *decision;

	f->nodes = option(s, NODES);
	f->first = option(s, OUTPUT) == ALL ? GENOTYPE_INPUTS : f->nodes + GENOTYPE_INPUTS - 4;
	f->operations = list->count;
	f->operation = list->name;
	f->edges = option(s, ENCODING) == EDGE8;
	s->data = f;
	s->decisions = genotype_decisions(f, s->mem, &decision);
	s->decision = decision;
	return 0;
}

static void darts_canonical(const struct space *s, const uint8_t *in, uint8_t *out)
{
	struct genotype g;

	genotype_decode(s->data, in, &g);
	genotype_prune(s->data, &g);
	genotype_encode(s->data, &g, out);
}

/* One operation everywhere, and every pair of sources at every node, all nodes at once. */
static bool darts_cover(const struct space *s, int n, uint8_t *code)
{
	const struct genotype_form *f = s->data;
	struct genotype g = { 0 };
	int round = n / f->operations;

	for (int cell = 0; cell < GENOTYPE_CELLS; cell++)
		for (int i = 0; i < f->nodes; i++) {
			genotype_pair(round % genotype_pairs(i + GENOTYPE_INPUTS), g.node[cell][i].from);
			g.node[cell][i].op[0] = g.node[cell][i].op[1] = (uint8_t)(n % f->operations);
		}
	genotype_encode(f, &g, code);
	return round < genotype_pairs(f->nodes + GENOTYPE_INPUTS - 1);
}

/* ---- graph -------------------------------------------------------------------------------------- */

/* A tensor that operations read, its ReLU and what pooling makes of it (-1 while nobody has asked for it):
 * operations without weights that do the same are one.  All who pool a source in a cell do it with one stride. */
struct source { const char *name; int node, active, most, mean; };

static struct source source(const char *name, int node)
{
	return (struct source){ name, node, -1, -1, -1 };
}

/* One that nobody reads but through its ReLU, which `node` has in it. */
static struct source source_active(const char *name, int node)
{
	return (struct source){ name, node, node, -1, -1 };
}

static int activated(struct nn_graph *g, struct source *x)
{
	if (x->active < 0)
		x->active = nn_act(g, arena_printf(g->mem, "%s/relu", x->name), x->node, ACT_RELU);
	return x->active;
}

/* The operation reads its source as it is, not its ReLU. */
static bool reads_plain(enum operation op, int stride)
{
	return op == MAX_POOL || op == AVG_POOL || (op == SKIP && stride == 1);
}

static int stride_from(int kind, int from)
{
	return kind == REDUCE && from < GENOTYPE_INPUTS ? 2 : 1;
}

static int operation(struct nn_graph *g, const char *name, enum operation op, struct source *x, int64_t width,
                     int stride)
{
	int in = reads_plain(op, stride) ? x->node : activated(g, x);

	switch (op) {
	case MAX_POOL:
		return x->most >= 0 ? x->most : (x->most = nn_maxpool(g, name, in, 3, stride));
	case AVG_POOL:
		return x->mean >= 0 ? x->mean : (x->mean = nn_avgpool(g, name, in, 3, stride));
	case SKIP:
		return stride == 1 ? in : nn_factorized_reduce(g, name, in, width);
	case SEP_3X3:
		return nn_separable(g, name, in, width, 3, stride);
	case SEP_5X5:
		return nn_separable(g, name, in, width, 5, stride);
	case DIL_3X3:
		return nn_dilated(g, name, in, width, 3, stride);
	case DIL_5X5:
		return nn_dilated(g, name, in, width, 5, stride);
	default:
		return nn_rank1(g, name, in, width, stride);
	}
}

/* One of the two operations of a node. */
static int edge(const struct space *s, struct nn_graph *g, const char *cell, int node, struct source *x,
                int from, int op, int64_t width, int stride)
{
	const struct operations *list = &lists[option(s, OPERATIONS)];
	const char *name = arena_printf(g->mem, "%s/%d_from_%d/%s", cell, node, from, list->name[op]);
	int y = operation(g, name, list->op[op], x, width, stride);

	if (s->training.drop_path > 0 && !(list->op[op] == SKIP && stride == 1))
		y = nn_droppath(g, arena_printf(g->mem, "%s/drop", name), y, s->training.drop_path);
	return y;
}

/* The sources of a cell, a bit each, that some operation reads as they are. */
static unsigned read_plain(const struct space *s, const struct genotype *t, int kind, unsigned live)
{
	const struct genotype_form *f = s->data;
	unsigned plain = 0;

	for (int node = 0; node < f->nodes; node++)
		for (int k = 0; k < 2 && live >> (node + GENOTYPE_INPUTS) & 1; k++) {
			int from = t->node[kind][node].from[k];
			enum operation op = lists[option(s, OPERATIONS)].op[t->node[kind][node].op[k]];

			if (reads_plain(op, stride_from(kind, from)))
				plain |= 1u << from;
		}
	return plain;
}

/* Input number i of a cell, brought to its width; plain: not only its ReLU is wanted. */
static struct source cell_input(struct nn_graph *g, const char *cell, int i, struct source *x, bool halve,
                                int64_t width, bool plain)
{
	const char *name = arena_printf(g->mem, "%s/input%d", cell, i);
	int active = activated(g, x);

	if (halve)
		return source(name, nn_factorized_reduce(g, name, active, width));
	if (plain)
		return source(name, nn_conv_bn(g, name, active, width, 1, 1, ACT_NONE));
	return source_active(name, nn_conv_bn(g, name, active, width, 1, 1, ACT_RELU));
}

/* halve: input 0 is larger than input 1. */
static int cell(const struct space *s, struct nn_graph *g, const char *name, const struct genotype *t,
                int kind, struct source *before, struct source *last, bool halve, int64_t width)
{
	const struct genotype_form *f = s->data;
	unsigned live = genotype_live(f, t, kind), plain = read_plain(s, t, kind, live);
	struct source at[GENOTYPE_INPUTS + GENOTYPE_NODES];
	int out[GENOTYPE_NODES], n = 0;

	for (int i = 0; i < GENOTYPE_INPUTS; i++)
		if (live >> i & 1)
			at[i] = cell_input(g, name, i, i ? last : before, !i && halve, width, plain >> i & 1);
	for (int node = GENOTYPE_INPUTS; node < f->nodes + GENOTYPE_INPUTS; node++) {
		const char *called = arena_printf(g->mem, "%s/node%d", name, node);
		int part[2];

		if (!(live >> node & 1))
			continue;
		for (int k = 0; k < 2; k++) {
			int from = t->node[kind][node - GENOTYPE_INPUTS].from[k];
			int op = t->node[kind][node - GENOTYPE_INPUTS].op[k];

			part[k] = edge(s, g, name, node, &at[from], from, op, width, stride_from(kind, from));
		}
		at[node] = source(called, nn_add(g, called, part[0], part[1]));
		if (node >= f->first)
			out[n++] = at[node].node;
	}
	return nn_concat(g, name, n, out);
}

/* The classifier of the middle, up to its linear layer: of 8 x 8 pixels (imagenet: 7 x 7) one is left. */
static void auxiliary(const struct space *s, struct nn_graph *g, struct source *x)
{
	bool imagenet = option(s, NETWORK) == IMAGENET;
	int active = activated(g, x), y;

	y = nn_graph_op(g, "avgpool", "auxiliary/pool", 1, &active, 3,
	                (struct nn_attr[]){ { "k", 5 }, { "stride", imagenet ? 2 : 3 }, { "pad", 0 } });
	y = nn_conv_bn(g, "auxiliary/conv1", y, 128, 1, 1, ACT_RELU);
	if (imagenet)
		y = nn_act(g, "auxiliary/relu2", nn_conv(g, "auxiliary/conv2", y, 768, 2, 1), ACT_RELU);
	else
		y = nn_conv_bn(g, "auxiliary/conv2", y, 768, 2, 1, ACT_RELU);
	nn_graph_output(g, "auxiliary", nn_global_pool(g, "auxiliary/feature", y));
}

/* The inputs of the first cell, which reads their ReLU. */
static void stem(const struct space *s, struct nn_graph *g, int64_t width, struct source *before,
                 struct source *last)
{
	int x = nn_graph_input(g, "image", s->settings.rows, s->settings.columns, s->settings.channels);

	if (option(s, NETWORK) == CIFAR) {
		*last = source_active("stem", nn_conv_bn(g, "stem", x, 3 * width, 3, 1, ACT_RELU));
		*before = *last;
		return;
	}
	x = nn_conv_bn(g, "stem0/conv1", x, width / 2, 3, 2, ACT_RELU);
	*before = source_active("stem0", nn_conv_bn(g, "stem0/conv2", x, width, 3, 2, ACT_RELU));
	*last = source_active("stem1", nn_conv_bn(g, "stem1", activated(g, before), width, 3, 2, ACT_RELU));
}

static int darts_build(const struct space *s, const uint8_t *code, struct nn_graph *g)
{
	int64_t width = option(s, INITIAL_CHANNELS);
	int cells = option(s, CELLS);
	struct source x[2], *before = &x[0], *last = &x[1];
	bool halve = option(s, NETWORK) == IMAGENET;
	struct genotype t;

	genotype_decode(s->data, code, &t);
	stem(s, g, width, before, last);
	for (int k = 0; k < cells; k++) {
		bool reduce = k == cells / 3 || k == 2 * cells / 3;
		const char *name = arena_printf(g->mem, "cell%d", k);
		/* the first cell reads the stem twice: one ReLU for both */
		struct source *first = before->node == last->node ? last : before, *old = before;

		width *= reduce ? 2 : 1;
		*old = source(name, cell(s, g, name, &t, reduce ? REDUCE : NORMAL, first, last, halve, width));
		before = last;
		last = old;
		halve = reduce;
		if (s->training.auxiliary && k == 2 * cells / 3)
			auxiliary(s, g, last);
	}
	return nn_global_pool(g, "feature", last->node);
}

/* ---- text ---------------------------------------------------------------------------------------- */

/* A code of edge8 says more than its genotype unless it is the genotype's own: then it is written as digits. */
static const char digits[] = "edge8:";

static void darts_print(const struct space *s, const uint8_t *code, char *text, int size)
{
	uint8_t again[SPACE_MAX_DECISIONS];
	struct genotype g;
	int used;

	genotype_decode(s->data, code, &g);
	genotype_encode(s->data, &g, again);
	if (!memcmp(code, again, (size_t)s->decisions)) {
		genotype_print(s->data, &g, text, size);
		return;
	}
	used = snprintf(text, (size_t)size, "%s", digits);
	for (int d = 0; d < s->decisions && used < size; d++)
		used += snprintf(text + used, (size_t)(size - used), "%d", code[d]);
}

static int parse_digits(const struct space *s, const char *text, uint8_t *code)
{
	const char *at = text + strlen(digits);

	if (strlen(at) != (size_t)s->decisions)
		return err_set(ERR_DATA, "architecture \"%.60s\": %zu digits, expected %d", text, strlen(at), s->decisions);
	for (int d = 0; d < s->decisions; d++) {
		if (at[d] < '0' || at[d] >= '0' + s->decision[d].choices)
			return err_set(ERR_DATA, "architecture \"%.60s\", %s: '%c', expected 0 (none) to %d", text,
			               s->decision[d].name, at[d], s->decision[d].choices - 1);
		code[d] = (uint8_t)(at[d] - '0');
	}
	return 0;
}

static int darts_parse(const struct space *s, const char *text, uint8_t *code)
{
	const struct genotype_form *f = s->data;
	struct genotype g;

	if (f->edges && !strncmp(text, digits, strlen(digits)))
		return parse_digits(s, text, code);
	TRY(genotype_parse(f, text, &g));
	genotype_encode(f, &g, code);
	return 0;
}

const struct space_type space_darts = {
	.name = "darts", .summary = "DARTS: a normal and a reduction cell of pools, identities, separable and dilated convolutions",
	.options = options, .init = darts_init, .canonical = darts_canonical, .build = darts_build,
	.cover = darts_cover, .print = darts_print, .parse = darts_parse,
};
