/* What the training and the scoring stages share: an architecture with a head, run on batches. */
#ifndef STAGES_NETWORK_H
#define STAGES_NETWORK_H

#include "contrast/objective.h"
#include "data/loader.h"
#include "nn/net.h"
#include "space/space.h"

/* Graph of a code with the objective's head: outputs "feature" and "out"; "auxiliary-out", a classifier,
 * where s->training puts an auxiliary head.  NULL after err_set. */
struct nn_graph *network_graph(const struct space *s, const uint8_t *code, const struct objective *o,
                               const struct objective_settings *head, struct arena *mem);

/* Every parameter of every network of the space, and of the head, created in the store (zeros). */
int network_space_params(const struct space *s, const struct objective *o,
                         const struct objective_settings *head, struct nn_store *store);

/* Forward of one batch (all its views), in the step arena, which is reset first.  NULL after err_set. */
struct nn_net *network_forward(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values,
                               const struct batch *b, enum nn_bn_mode mode, struct nn_stats *stats);

/* Batch-norm statistics of a network over all batches of a loader, ready for NN_BN_FIXED.  NULL after err_set. */
struct nn_stats *network_calibrate(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values,
                                   struct loader *l, struct arena *mem);

/* The images are what the space was made for; ERR_CONFIG otherwise. */
int network_fits(const struct space *s, const struct dataset *d, const char *dataset_path);

/* Every image of the split has a class; ERR_DATA names the first that has none. */
int network_labelled(const struct labels *l, const struct dataset *d, enum data_split split,
                     const char *labels_path);

/* Words for OPT_WORD: names of the plug-in tables. */
const char *objective_word(int i);
const char *optim_word(int i);
const char *regime_word(int i);
const char *sampler_word(int i);

#endif
