/* NAS-Bench-Macro (Su et al. 2021, "Prioritized architecture sampling with Monte-Carlo tree search",
 * CVPR, section 5): eight layers in stages of 2, 3 and 3.
 *
 *   stem     conv3x3 c -> 32, BN, ReLU
 *   layer0   each stage doubles the width (64, 128, 256); its first layer has stride 2
 *   ...      0 identity (stride 2: conv1x1 + BN), 1 inverted residual k3 e3, 2 inverted residual k5 e6
 *   layer7
 *   head     conv1x1 to 1280, BN, ReLU, global average pool
 *
 * An identity after the first layer of a stage does nothing, so codes that differ only in where such
 * identities stand are the same network; canonically they stand at the end of their stage. */
#include <math.h>
#include <string.h>
#include "base/err.h"
#include "nn/layers.h"
#include "space/space.h"

enum { IDENTITY, MB3_K3, MB6_K5, CHOICES };
enum { WIDTH };                      /* options */

#define LAYERS 8
#define STAGES 3
#define SMALLEST_INPUT 8             /* three halvings */

static const struct space_option options[] = {
	{ "width", 1, 0.25, 0.001, 64, true, NULL, "multiplier of all widths" },
	{ NULL }
};
static const char *const choice[] = { "identity", "mb3_k3", "mb6_k5" };
static const struct decision decision[LAYERS] = {
	{ "layer0", CHOICES, choice }, { "layer1", CHOICES, choice }, { "layer2", CHOICES, choice },
	{ "layer3", CHOICES, choice }, { "layer4", CHOICES, choice }, { "layer5", CHOICES, choice },
	{ "layer6", CHOICES, choice }, { "layer7", CHOICES, choice },
};
static const int stage_start[STAGES + 1] = { 0, 2, 5, 8 };
static const int stage_width[STAGES] = { 64, 128, 256 };

static int macro_init(struct space *s)
{
	if (s->settings.rows < SMALLEST_INPUT || s->settings.columns < SMALLEST_INPUT)
		return err_set(ERR_CONFIG, "space macro halves images three times: %lld x %lld pixels, expected at least %d x %d",
		               (long long)s->settings.rows, (long long)s->settings.columns, SMALLEST_INPUT, SMALLEST_INPUT);
	s->decisions = LAYERS;
	s->decision = decision;
	return 0;
}

static void macro_canonical(const struct space *s, const uint8_t *in, uint8_t *out)
{
	uint8_t code[LAYERS] = { 0 };

	(void)s;
	for (int stage = 0; stage < STAGES; stage++) {
		int to = stage_start[stage];

		code[to++] = in[stage_start[stage]];
		for (int i = stage_start[stage] + 1; i < stage_start[stage + 1]; i++)
			if (in[i] != IDENTITY)
				code[to++] = in[i];
	}
	memcpy(out, code, LAYERS);
}

/* Width of the paper x multiplier, to the nearest multiple of 8. */
static int64_t width(const struct space *s, int channels)
{
	int64_t c = 8 * llround(channels * s->option[WIDTH] / 8);

	return c < 8 ? 8 : c;
}

static int layer(struct nn_graph *g, int index, int option, int x, int64_t out, int stride)
{
	char name[32];

	snprintf(name, sizeof name, "%s/%s", decision[index].name, choice[option]);
	switch (option) {
	case IDENTITY:
		return stride == 1 ? x : nn_conv_bn(g, name, x, out, 1, stride, ACT_NONE);
	case MB3_K3:
		return nn_inverted_residual(g, name, x, out, 3, stride, 3, ACT_RELU);
	default:
		return nn_inverted_residual(g, name, x, out, 5, stride, 6, ACT_RELU);
	}
}

static int macro_build(const struct space *s, const uint8_t *code, struct nn_graph *g)
{
	int x = nn_graph_input(g, "image", s->settings.rows, s->settings.columns, s->settings.channels);

	x = nn_conv_bn(g, "stem", x, width(s, 32), 3, 1, ACT_RELU);
	for (int stage = 0; stage < STAGES; stage++)
		for (int i = stage_start[stage]; i < stage_start[stage + 1]; i++)
			x = layer(g, i, code[i], x, width(s, stage_width[stage]), i == stage_start[stage] ? 2 : 1);
	x = nn_conv_bn(g, "head", x, width(s, 1280), 1, 1, ACT_RELU);
	return nn_global_pool(g, "head/pool", x);
}

/* Blocks share nothing: each choice everywhere, the identity only in front. */
static bool macro_cover(const struct space *s, int n, uint8_t *code)
{
	(void)s;
	memset(code, n, LAYERS);
	return n < CHOICES;
}

static void macro_print(const struct space *s, const uint8_t *code, char *text, int size)
{
	int i = 0;

	(void)s;
	for (; i < LAYERS && i < size - 1; i++)
		text[i] = (char)('0' + code[i]);
	if (size > 0)
		text[i] = '\0';
}

static int macro_parse(const struct space *s, const char *text, uint8_t *code)
{
	size_t length = strlen(text);

	(void)s;
	if (length != LAYERS)
		return err_set(ERR_DATA, "architecture \"%.40s\": %zu characters, expected %d digits as in 20122110",
		               text, length, LAYERS);
	for (int i = 0; i < LAYERS; i++) {
		if (text[i] < '0' || text[i] >= '0' + CHOICES)
			return err_set(ERR_DATA, "architecture \"%s\", %s: '%c', expected 0 (identity), 1 (mb3_k3) or 2 (mb6_k5)",
			               text, decision[i].name, text[i]);
		code[i] = (uint8_t)(text[i] - '0');
	}
	return 0;
}

const struct space_type space_macro = {
	.name = "macro", .summary = "NAS-Bench-Macro: 8 layers, each identity, inverted residual k3 e3 or k5 e6",
	.options = options,
	.init = macro_init, .canonical = macro_canonical, .build = macro_build,
	.cover = macro_cover, .print = macro_print, .parse = macro_parse,
};
