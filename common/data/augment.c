/* Augmentation lists: presets, parsing, applying. */
#include "data/augment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/number.h"

enum { STEPS_MAX = sizeof(((struct augment_list *)0)->step) / sizeof(struct augment_step), WORD_MAX = 256 };

/* "contrast" is SimCLR's list for CIFAR-10 (Chen et al. 2020, appendix B.9: strength 0.5, no blur);
 * "contrast-noup" is for images without an up, seen from above or through a microscope. */
static const struct { const char *name, *text; } presets[] = {
	{ "none", "" },
	{ "crop", "padcrop hflip" },
	{ "contrast", "rrcrop(scale=0.2) hflip jitter grey" },
	{ "contrast-noup", "rrcrop(scale=0.2) hflip vflip rot90 jitter grey" },
};

const char *augment_preset(const char *name)
{
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (!strcmp(presets[i].name, name))
			return presets[i].text;
	return NULL;
}

/* "name=value" into its place. */
static int set_argument(struct augment_step *s, const char *word)
{
	const struct augment *a = s->augment;
	const char *equals = strchr(word, '=');
	const size_t n = equals ? (size_t)(equals - word) : strlen(word);
	for (int i = 0; i < AUGMENT_MAX_ARGS && a->arg[i].name; i++) {
		const struct augment_arg *arg = &a->arg[i];
		if (!equals || strlen(arg->name) != n || strncmp(arg->name, word, n))
			continue;
		double value;
		if (!number_parse(equals + 1, &value) || value < arg->min || value > arg->max)
			return err_set(ERR_USAGE, "augmentation %s: %s, expected a number from %g to %g", a->name, word,
			               arg->min, arg->max);
		s->arg[i] = value;
		return 0;
	}
	char known[WORD_MAX] = "";
	for (int i = 0; i < AUGMENT_MAX_ARGS && a->arg[i].name; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s", a->arg[i].name);
	return err_set(ERR_USAGE, "augmentation %s: \"%s\", expected name=value with a name of:%s", a->name, word,
	               known[0] ? known : " (it has none)");
}

/* One word, "name" or "name(a=1,b=2)"; ':' separates as well, for texts that pass through Make. */
static int parse_step(char *word, struct augment_list *list)
{
	char *open = strchr(word, '(');
	if (open) {
		const size_t n = strlen(word);
		if (word[n - 1] != ')')
			return err_set(ERR_USAGE, "augmentation \"%s\": the parenthesis is not closed", word);
		word[n - 1] = 0;
		*open = 0;
	}
	const struct augment *a = plugin_find(PLUGIN_TABLE(augment_table), "augmentation", word);
	if (!a)
		return ERR_USAGE;
	if (list->count == STEPS_MAX)
		return err_set(ERR_USAGE, "more than %d augmentations", STEPS_MAX);
	struct augment_step *s = &list->step[list->count++];
	*s = (struct augment_step){ .augment = a };
	for (int i = 0; i < AUGMENT_MAX_ARGS && a->arg[i].name; i++)
		s->arg[i] = a->arg[i].value;
	char *rest;
	for (char *arg = open ? strtok_r(open + 1, ",: ", &rest) : NULL; arg; arg = strtok_r(NULL, ",: ", &rest))
		TRY(set_argument(s, arg));
	return 0;
}

/* The next word of text, up to a blank outside parentheses; its length, 0 at the end. */
static size_t next_word(const char **text)
{
	while (isspace((unsigned char)**text))
		++*text;
	size_t n = 0;
	for (int depth = 0; (*text)[n] && (depth > 0 || !isspace((unsigned char)(*text)[n])); n++)
		depth += ((*text)[n] == '(') - ((*text)[n] == ')');
	return n;
}

static int parse(const char *text, struct augment_list *list, bool presets_too)
{
	for (size_t n; (n = next_word(&text)) > 0; text += n) {
		char word[WORD_MAX];
		if (n >= sizeof(word))
			return err_set(ERR_USAGE, "augmentation \"%.20s...\": too long", text);
		memcpy(word, text, n);
		word[n] = 0;
		const char *preset = presets_too ? augment_preset(word) : NULL;
		TRY(preset ? parse(preset, list, false) : parse_step(word, list));
	}
	return 0;
}

int augment_parse(const char *text, struct augment_list *list)
{
	*list = (struct augment_list){ 0 };
	return parse(text, list, true);
}

void augment_apply(const struct augment_list *list, struct image *im, uint64_t seed, uint32_t sample,
                   uint32_t epoch, uint32_t view, float *scratch)
{
	for (int k = 0; k < list->count; k++) {
		const struct augment_step *s = &list->step[k];
		char purpose[64];
		snprintf(purpose, sizeof(purpose), "augment/%d/%s", k, s->augment->name);
		struct rng r = rng_stream(seed, purpose, sample, epoch, view);
		s->augment->apply(s->arg, im, &r, scratch);
	}
}
