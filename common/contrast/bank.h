/* The memory bank: one slowly moving embedding per training image, from which negatives are drawn
 * (csnas-tpe.md 2.2; Misra and van der Maaten 2020, "Self-supervised learning of pretext-invariant
 * representations").
 *
 * After each visit of image i with embedding v:  S_i <- v + S_i / 2.  Its row is S_i / k with k = 2 - 2^-e in
 * epoch e (k <- 1 + k/2 once an epoch, from 1): an average that halves with age, without the bias of its
 * start.  Losses look at directions only, so k is for those who read the file. */
#ifndef CONTRAST_BANK_H
#define CONTRAST_BANK_H

#include "nn/store.h"

/* What a loss sees of a bank: directions of its rows, `width` numbers each, constants for its gradient. */
struct bank_view {
	int64_t width, negatives;
	const double *negative;              /* (negatives, width) */
	const int64_t *negative_image;       /* (negatives): a negative of the same image does not count */
	const double *positive;              /* (n, width): rows of the batch's images */
	const int64_t *image;                /* (n): image numbers of the batch */
};

/* z = x / |x|; returns |x|, at least 1e-8.  z = x allowed. */
double bank_direction(int64_t width, const double *x, double *z);
void bank_direction_of_row(int64_t width, const float *x, double *z);

struct bank {
	struct nn_param *sum;                /* (images, 1, 1, width), in a store of its own: nn_trainer.memory */
	int64_t first, images, width;        /* image numbers first .. first + images - 1 */
	float *visit;                        /* (batch, width): embeddings of the step, until bank_visit */
};

/* A bank of zeros: nobody was visited.  NULL after err_set. */
struct bank *bank_new(struct arena *mem, struct nn_store *store, int64_t first, int64_t images, int64_t width,
                      int64_t batch);
/* S_i <- v_i + S_i / 2 for the n images of a batch; v (n, width). */
void bank_visit(struct bank *b, int64_t n, const int64_t *image, const float *v);
/* Positives of a batch and `negatives` rows drawn without replacement among those visited, by stream (seed,
 * "bank/negatives", step); fewer when there are fewer.  In mem. */
struct bank_view bank_look(const struct bank *b, int64_t n, const int64_t *image, int64_t negatives,
                           uint64_t seed, int64_t step, struct arena *mem);
static inline int64_t bank_negatives(int64_t batch) { return 2 * (batch - 1); }  /* so many for a batch of images (2.1) */

#endif
