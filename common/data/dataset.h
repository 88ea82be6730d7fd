/* dataset.h5 in memory: images in their source type, ordered train, valid, test. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <stdint.h>
#include "base/arena.h"
#include "base/hash.h"
#include "h5/schema.h"

enum data_split { DATA_TRAIN, DATA_VALID, DATA_TEST, DATA_SPLITS };

struct dataset {
	int64_t count, h, w, c;
	enum h5_type type;               /* H5_U8, H5_U16, H5_F32 */
	const void *images;              /* (count, h, w, c) */
	int64_t first[DATA_SPLITS], size[DATA_SPLITS];
	const double *mean, *sd;         /* (c) of the training split, in source units; sd > 0 */
	struct digest digest;            /* of the file */
};
int dataset_read(struct dataset *d, const char *path, struct arena *mem);
const char *data_split_name(int i);      /* "train", "valid", "test", NULL */

struct labels {
	int64_t count, classes;          /* classes 0: there are none */
	const int32_t *label;            /* (count), -1 = unknown */
	char **class_name;               /* (classes) */
	struct digest digest;
};
/* count must equal the dataset's. */
int labels_read(struct labels *l, const char *path, const struct dataset *d, struct arena *mem);

/* One image as floats: (value - mean) / sd per channel. */
void dataset_image(const struct dataset *d, int64_t image, float *out);

#endif
