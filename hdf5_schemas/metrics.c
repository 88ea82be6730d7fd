/* metrics.h5: how the trained network (or ensemble) does on the test images. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/images", H5_I64, { 0 }, "1", "test images" },
	{ "/loss", H5_F64, { 0 }, "nat", "mean loss: cross-entropy, or the contrastive loss of an encoder" },
	{ "/top1", H5_F64, { 0 }, "1", "share of images whose most probable class is right", .optional = true },
	{ "/ece", H5_F64, { 0 }, "1", "expected calibration error, 15 equal bins of confidence", .optional = true },
	{ "/class_name", H5_TEXT, { "class" }, "name", "names of the classes", .optional = true },
	{ "/class_top1", H5_F64, { "class" }, "1", "top-1 by true class; NaN for a class with no test image", .optional = true },
	{ "/confusion", H5_I64, { "class", "predicted" }, "1", "images by true class and predicted class", .optional = true },
	{ "/bin_confidence", H5_F64, { "bin" }, "1", "mean confidence in the bin, NaN when empty", .optional = true },
	{ "/bin_top1", H5_F64, { "bin" }, "1", "top-1 in the bin, NaN when empty", .optional = true },
	{ "/bin_images", H5_I64, { "bin" }, "1", "images in the bin", .optional = true },
	{ "/macs", H5_I64, { "member" }, "multiply-add", "multiply-adds for one image, by member" },
	{ "/params", H5_I64, { "member" }, "1", "number of parameters, by member" },
	{ "/code", H5_TEXT, { "member" }, "name", "the architecture in the notation of its space" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "class", "/class_name" }, { "predicted", "/class_name" }, { "member", "/code" }, { 0 } };
const struct h5_schema h5_schema_metrics = {
	.name = "metrics", .summary = "test results of the trained network or ensemble", .version = 2, .fields = fields, .scales = scales,
};
