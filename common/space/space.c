/* What every space can do, whatever its decisions are. */
#include "space/space.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "base/hash.h"
#include "nn/layers.h"

/* Draws of space_uniform before it accepts a code whose canonical form uses a choice that is off. */
#define UNIFORM_DRAWS 1000

static int check_settings(const struct space_settings *set)
{
	if (set->rows < 1 || set->columns < 1 || set->channels < 1)
		return err_set(ERR_CONFIG, "images of %lld x %lld x %lld (rows, columns, channels), expected at least 1 x 1 x 1",
		               (long long)set->rows, (long long)set->columns, (long long)set->channels);
	if (set->classes < 0)
		return err_set(ERR_CONFIG, "%lld classes, expected 0 or more", (long long)set->classes);
	return 0;
}

struct space *space_new(struct arena *mem, const char *type, const struct space_settings *settings)
{
	const struct space_type *t = plugin_find(PLUGIN_TABLE(space_table), "space", type);
	struct space *s = ARENA_NEW(mem, struct space, 1);

	if (!t || check_settings(settings) < 0)
		return NULL;
	s->type = t;
	s->settings = *settings;
	s->mem = mem;
	if (space_options_set(s) < 0 || t->init(s) < 0)
		return NULL;
	if (s->decisions < 1 || s->decisions > SPACE_MAX_DECISIONS) {
		err_set(ERR_INTERNAL, "space %s: %d decisions, expected 1 to %d", type, s->decisions, SPACE_MAX_DECISIONS);
		return NULL;
	}
	for (int d = 0; d < s->decisions; d++) {
		if (s->decision[d].choices < 1 || s->decision[d].choices > SPACE_MAX_CHOICES) {
			err_set(ERR_INTERNAL, "space %s, decision %s: %d choices, expected 1 to %d", type,
			        s->decision[d].name, s->decision[d].choices, SPACE_MAX_CHOICES);
			return NULL;
		}
		for (int c = 0; c < s->decision[d].choices; c++)
			s->mask[d][c] = true;
	}
	return s;
}

bool space_legal(const struct space *s, const uint8_t *code)
{
	for (int d = 0; d < s->decisions; d++)
		if (code[d] >= s->decision[d].choices || !s->mask[d][code[d]])
			return false;
	return true;
}

int space_on(const struct space *s, int decision)
{
	int on = 0;

	for (int c = 0; c < s->decision[decision].choices; c++)
		on += s->mask[decision][c];
	return on;
}

uint8_t space_nth_on(const struct space *s, int decision, uint32_t n)
{
	int c = 0;

	while (!s->mask[decision][c] || n-- > 0)
		c++;
	return (uint8_t)c;
}

bool space_next(const struct space *s, uint8_t *code)
{
	for (int d = s->decisions - 1; d >= 0; d--) {
		do
			code[d]++;
		while (code[d] < s->decision[d].choices && !s->mask[d][code[d]]);
		if (code[d] < s->decision[d].choices)
			return true;
		code[d] = space_nth_on(s, d, 0);
	}
	return false;
}

double space_log10_size(const struct space *s)
{
	double sum = 0;

	for (int d = 0; d < s->decisions; d++)
		sum += log10(space_on(s, d));
	return sum;
}

static void draw(const struct space *s, struct rng *r, uint8_t *code)
{
	for (int d = 0; d < s->decisions; d++)
		code[d] = space_nth_on(s, d, rng_below(r, (uint32_t)space_on(s, d)));
}

void space_uniform(const struct space *s, struct rng *r, uint8_t *code)
{
	uint8_t canonical[SPACE_MAX_DECISIONS];

	for (int i = 0; i < UNIFORM_DRAWS; i++) {
		draw(s, r, code);
		s->type->canonical(s, code, canonical);
		if (space_legal(s, canonical))
			return;
	}
}

bool space_inhabited(const struct space *s)
{
	struct rng r = rng_stream(0, "space/inhabited", 0, 0, 0);
	uint8_t code[SPACE_MAX_DECISIONS];

	space_uniform(s, &r, code);
	s->type->canonical(s, code, code);
	return space_legal(s, code);
}

uint64_t space_hash(const struct space *s, const uint8_t *code)
{
	uint8_t canonical[SPACE_MAX_DECISIONS];

	s->type->canonical(s, code, canonical);
	return hash64(canonical, (size_t)s->decisions);
}

/* The trunk in a new graph; its feature node in *feature. */
static struct nn_graph *trunk(const struct space *s, const uint8_t *code, struct arena *mem, int *feature)
{
	uint8_t canonical[SPACE_MAX_DECISIONS];
	struct nn_graph *g = nn_graph_new(mem);

	s->type->canonical(s, code, canonical);
	*feature = s->type->build(s, canonical, g);
	nn_graph_output(g, "feature", *feature);
	return g;
}

struct nn_graph *space_graph(const struct space *s, const uint8_t *code, struct arena *mem)
{
	int feature;
	struct nn_graph *g = trunk(s, code, mem, &feature);

	return nn_graph_check(g) < 0 ? NULL : g;
}

int space_cost(const struct space *s, const uint8_t *code, struct nn_cost *cost)
{
	struct arena_mark mark = arena_mark(s->mem);
	int feature, status;
	struct nn_graph *g = trunk(s, code, s->mem, &feature);

	if (s->settings.classes > 0)
		nn_graph_output(g, "logits", nn_linear(g, "head/crossentropy", feature, s->settings.classes, true));
	status = nn_graph_check(g);
	if (status >= 0)
		status = nn_graph_cost(g, cost);
	arena_rewind(s->mem, mark);
	return status;
}

static int add_params(const struct space *s, const uint8_t *code, struct arena *mem, struct nn_store *store)
{
	struct arena_mark mark = arena_mark(mem);
	struct nn_graph *g = space_graph(s, code, mem);
	int status = g ? nn_graph_params(g, store) : err_code();

	arena_rewind(mem, mark);
	return status;
}

int space_params(const struct space *s, struct nn_store *store)
{
	struct arena *mem = arena_new();
	uint8_t code[SPACE_MAX_DECISIONS];
	int status = 0;

	for (int n = 0; status >= 0 && s->type->cover(s, n, code); n++)
		status = add_params(s, code, mem, store);
	arena_free(mem);
	return status;
}
