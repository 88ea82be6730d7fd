/* nas-retrain: trains one network from scratch, with labels where there are any, else contrastively.
 *
 * The network is a member of selection.h5, or one given as text (--arch) in a space.h5; options of the space
 * (cells, widths) may be others than in the search as long as the decisions stay the same. */
#ifndef STAGES_RETRAIN_RETRAIN_H
#define STAGES_RETRAIN_RETRAIN_H

#include "stages/training.h"

struct retrain_args {
	struct training_options training;
	int64_t member, calibration_images;
	const char *arch;                                    /* "" = from the selection */
	const char *space_options;                           /* "name=value:...": what differs from the search */
	const char *dataset, *labels, *selection, *space;    /* paths, NULL where not given */
};
extern const struct retrain_args retrain_defaults;

int retrain(const struct retrain_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
            struct arena *mem);

#endif
