/* Scoring without weight sharing (CSNAS, csnas-tpe.md 2.4, 2.5): each candidate trains from scratch on a
 * fraction of the training images, all alike, and is scored on held-out images with fixed views and
 * negatives: on as many as make a tenth of what it has seen and is scored on.  A candidate whose training
 * diverges is a failed trial.
 *
 * Successive halving (Jamieson and Talwalkar 2016), halving = N > 1: with full training of E epochs and R
 * rungs, where N^(R-1) is at most the number of candidates, rung r trains anew for E / N^(R-1-r) epochs, and
 * the best 1/N of a rung go to the next.  Those that do not are failed trials: their scores are of shorter
 * training. */
#ifndef STAGES_EVALUATE_SCRATCH_H
#define STAGES_EVALUATE_SCRATCH_H

#include "stages/evaluate/judge.h"

int scratch(const struct evaluate_args *a, struct judge *j, int64_t threads, struct history *trials);

#endif
