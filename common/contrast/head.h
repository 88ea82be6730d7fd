/* Projection heads: what stands between a trunk's feature and a contrastive loss. */
#ifndef CONTRAST_HEAD_H
#define CONTRAST_HEAD_H

#include "contrast/objective.h"

/* head/<name>/hidden, ReLU, head/<name>/embedding: linear layers with biases (Chen et al. 2020, section 2.1).
 * Returns the output node. */
int contrast_head(struct nn_graph *g, const char *name, int feature, const struct objective_settings *s);
/* The same with batch-norm (head/<name>/bn) before the ReLU (Zbontar et al. 2021, section 2.2). */
int contrast_head_normalised(struct nn_graph *g, const char *name, int feature,
                             const struct objective_settings *s);

#endif
