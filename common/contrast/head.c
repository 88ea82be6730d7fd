#include "contrast/head.h"

#include <stdio.h>
#include "nn/layers.h"

/* "head/<name>/<part>" */
static const char *part(char text[128], const char *name, const char *what)
{
	snprintf(text, 128, "head/%s/%s", name, what);
	return text;
}

int contrast_head(struct nn_graph *g, const char *name, int feature, const struct objective_settings *s)
{
	char text[128];
	int hidden = nn_linear(g, part(text, name, "hidden"), feature, s->hidden, true);
	int active = nn_act(g, part(text, name, "relu"), hidden, ACT_RELU);
	return nn_linear(g, part(text, name, "embedding"), active, s->embedding, true);
}

int contrast_head_normalised(struct nn_graph *g, const char *name, int feature,
                             const struct objective_settings *s)
{
	char text[128];
	int hidden = nn_linear(g, part(text, name, "hidden"), feature, s->hidden, false);
	int active = nn_batchnorm(g, part(text, name, "bn"), hidden, ACT_RELU);
	return nn_linear(g, part(text, name, "embedding"), active, s->embedding, true);
}
