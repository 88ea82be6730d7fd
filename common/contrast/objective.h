/* Objectives: what a network is trained for, and how well it does it.
 *
 * An objective puts a head on a trunk's feature, says how many views of an image it wants and whether it
 * needs labels, and turns a batch of outputs into a loss with its gradient.  The label-free score of a
 * network is the same loss on held-out images with fixed views and negatives (score = -loss). */
#ifndef CONTRAST_OBJECTIVE_H
#define CONTRAST_OBJECTIVE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/opt.h"
#include "base/plugin.h"
#include "contrast/bank.h"
#include "nn/graph.h"

#define OBJECTIVE_MAX_WIDTH 65536    /* of a projection head's layers */
#define OBJECTIVE_MAX_CLASSES 1000000

struct objective_settings {
	double temperature;          /* ntxent */
	int64_t hidden, embedding;   /* widths of the projection head */
	double smoothing;            /* crossentropy */
	int64_t classes;             /* crossentropy */
};
extern const struct objective_settings objective_defaults;     /* 0.5, 256, 128, 0, 0 */

struct objective {
	PLUGIN_HEAD;
	bool needs_labels;
	int views;
	int plain;                   /* of the views: the first so many are the image as it is */
	bool bank;                   /* compares with a memory bank (bank.h) */
	/* Adds the head's nodes ("head/<name>/...") on node `feature` (1 x 1 x c); returns the output node. */
	int (*head)(struct nn_graph *g, int feature, const struct objective_settings *s);
	/* out: (views * n, dim), view-major.  Mean loss in nats; dout (same shape) unless NULL.  label and bank where the
	 * objective wants them.  mem: scratch. */
	double (*loss)(const struct objective_settings *s, int64_t n, int64_t dim, const float *out,
	               const int32_t *label, const struct bank_view *bank, float *dout, struct arena *mem);
};
extern const struct objective *const objective_table[];

/* Loss of a batch that is scored, not trained on.  For an objective with a bank the plain view of an image is
 * its row, and `negatives` says which other rows it is compared with; NULL: the plain views of the batch's
 * other images. */
double objective_score(const struct objective *o, const struct objective_settings *s, const struct bank_view *negatives,
                       int64_t n, int64_t dim, const float *out, const int32_t *label, struct arena *mem);

/* Objective and head as root attributes of a file of weights.  "classes", the outputs of a classifier, is
 * read here too and written by the caller, whose file may say it already. */
struct h5_writer;
struct h5_file;
int objective_attributes_write(const struct objective *o, const struct objective_settings *s,
                               struct h5_writer *w);
int objective_attributes_read(const struct objective **o, struct objective_settings *s,
                              const struct h5_file *f);

#endif
