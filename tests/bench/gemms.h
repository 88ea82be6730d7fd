/* The matrix products of a step and nothing else: what remains when all other work costs nothing. */
#ifndef BENCH_GEMMS_H
#define BENCH_GEMMS_H

#include "base/pool.h"
#include "nn/graph.h"
#include "tests/bench/bench.h"

/* Dense convolutions and linear layers of a graph for a batch, in chunks of images as the engine cuts them;
 * backward: the products for both gradients too (not for the gradient of the input images). */
struct gemms;
struct gemms *gemms_new(const struct bench *b, const struct nn_graph *g, int64_t batch, bool backward);
double gemms_flops(const struct gemms *s);
void gemms_run(const struct gemms *s, struct pool *pool);        /* pool NULL: one thread */

#endif
