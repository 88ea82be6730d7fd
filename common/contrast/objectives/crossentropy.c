/* Cross-entropy with labels: the supervised objective.  Smallest of its kind: copy this file to add another. */
#include "contrast/objective.h"
#include "nn/layers.h"
#include "nn/loss.h"

extern const struct nn_loss nn_loss_crossentropy;

static int head(struct nn_graph *g, int feature, const struct objective_settings *s)
{
	return nn_linear(g, "head/crossentropy", feature, s->classes, true);
}

static double loss(const struct objective_settings *s, int64_t n, int64_t dim, const float *out,
                   const int32_t *label, const struct bank_view *bank, float *dout, struct arena *mem)
{
	(void)bank;
	(void)mem;
	return nn_loss_crossentropy.value(n, dim, out, label, s->smoothing, dout);
}

const struct objective objective_crossentropy = {
	.name = "crossentropy",
	.summary = "cross-entropy of a linear classifier; needs labels",
	.needs_labels = true,
	.views = 1,
	.head = head,
	.loss = loss,
};
