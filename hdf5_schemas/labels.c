/* labels.h5: what is known of the images.  Never given to a label-free stage. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/label", H5_I32, { "image" }, "index", "class of the image, -1 when unknown; same order as dataset.h5:/images" },
	{ "/class_name", H5_TEXT, { "class" }, "name", "names of the classes; absent when there are no labels", .optional = true },
	{ "/source_name", H5_TEXT, { "image" }, "name", "where the image came from: file name, and page or record" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "image", "/source_name" }, { "class", "/class_name" }, { 0 } };
const struct h5_schema h5_schema_labels = {
	.name = "labels", .summary = "labels and source names of a dataset", .version = 1, .fields = fields, .scales = scales,
};
