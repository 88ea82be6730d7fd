/* dataset.h5: the images, in their source type.  No labels, no names: a label-free stage sees nothing else. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/images", H5_U8 | H5_U16 | H5_F32, { "image", "row", "column", "channel" }, "source units",
	  "pixels, ordered train, valid, test; within a split by a seeded hash of the pixels" },
	{ "/split", H5_U8, { "image" }, "index", "0 train, 1 valid, 2 test" },
	{ "/mean", H5_F64, { "channel" }, "source units", "mean over the training images" },
	{ "/sd", H5_F64, { "channel" }, "source units", "standard deviation over the training images (1 where it is zero)" },
	{ 0 }
};
const struct h5_schema h5_schema_dataset = {
	.name = "dataset", .summary = "images of a run, split into train, valid and test", .version = 1, .fields = fields,
};
