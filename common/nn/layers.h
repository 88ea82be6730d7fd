/* Layers: the few combinations of nodes that every network uses.  All return the node of their output.
 * Names become parameter names: nn_conv(g, "stem/conv", ...) owns "stem/conv/weight". */
#ifndef NN_LAYERS_H
#define NN_LAYERS_H

#include "nn/graph.h"
#include "tensor/act.h"

/* k x k, padding (k-1)*dilation/2, no bias */
int nn_conv(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride);
int nn_conv_full(struct nn_graph *g, const char *name, int x, int64_t out, int kh, int kw, int sh, int sw,
                 int dilation, int groups);
int nn_dwconv(struct nn_graph *g, const char *name, int x, int k, int stride, int dilation);
/* scale (init one) and shift (init zero), no decay; then the activation */
int nn_batchnorm(struct nn_graph *g, const char *name, int x, enum act act);
int nn_linear(struct nn_graph *g, const char *name, int x, int64_t out, bool bias);
int nn_act(struct nn_graph *g, const char *name, int x, enum act act);
int nn_add(struct nn_graph *g, const char *name, int a, int b);
int nn_concat(struct nn_graph *g, const char *name, int n, const int *x);
int nn_maxpool(struct nn_graph *g, const char *name, int x, int k, int stride);
int nn_avgpool(struct nn_graph *g, const char *name, int x, int k, int stride);
int nn_global_pool(struct nn_graph *g, const char *name, int x);
int nn_dropout(struct nn_graph *g, const char *name, int x, double p);
int nn_droppath(struct nn_graph *g, const char *name, int x, double p);
int nn_grad_scale(struct nn_graph *g, const char *name, int x, double factor);
/* Hu, Shen and Sun 2018, fig. 2: pool, linear to c/ratio (<name>/reduce), ReLU, linear (<name>/expand), gate
 * (ACT_SIGMOID or ACT_HSIGMOID), scale */
int nn_squeeze_excite(struct nn_graph *g, const char *name, int x, int ratio, enum act gate);
/* nn_conv(name), nn_batchnorm(name/bn): owns name/weight, name/bn/scale, name/bn/shift */
int nn_conv_bn(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride, enum act act);
/* Inverted residual (Sandler et al. 2018, fig. 3b): <name>/expand (not for expand == 1), <name>/depthwise and
 * <name>/project with batch-norms <name>/expand/bn, ...; the shortcut <name>/add when shapes match. */
int nn_inverted_residual(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride,
                         int expand, enum act act);

/* Layers of cell spaces, as Liu, Simonyan and Yang 2019 ("DARTS") have them but for the leading ReLU: `x` is
 * behind it already, so that all operations that read a node share one.
 *   separable: twice depthwise k x k (<name>/depthwise1, 2), 1x1 (<name>/pointwise1, 2), BN (<name>/bn1, 2); a
 *     ReLU between; the stride in the first
 *   dilated: depthwise k x k with dilation 2 (<name>/depthwise), 1x1 (<name>/pointwise), BN (<name>/bn)
 *   rank1: full convolutions 1x3 (<name>/row, stride on columns) and 3x1 (<name>/column, stride on rows), BN
 *   factorized_reduce: half of the channels from the even pixels (<name>/even), half from the odd ones
 *     (<name>/odd) by 1x1 convolutions, side by side, BN; sizes halve, rounded up */
int nn_separable(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride);
int nn_dilated(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride);
int nn_rank1(struct nn_graph *g, const char *name, int x, int64_t out, int stride);
int nn_factorized_reduce(struct nn_graph *g, const char *name, int x, int64_t out);
int nn_subsample(struct nn_graph *g, const char *name, int x, int stride, int offset);
int nn_zero(struct nn_graph *g, const char *name, int x);

#endif
