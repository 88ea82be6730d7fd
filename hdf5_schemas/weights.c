/* weights.h5: a trained supernet.  The tree of groups is the tree of parameter names. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/param/**", H5_F32, { "out", "row", "column", "in" }, "1", "parameter of the supernet and of its head" },
	{ "/curve/step", H5_I64, { "event" }, "step", "training step at the end of the interval" },
	{ "/curve/loss", H5_F64, { "event" }, "nat", "mean training loss over the interval" },
	{ "/curve/rate", H5_F64, { "event" }, "1", "learning rate at the end of the interval" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "objective", H5_TEXT, "what it was trained for" },
	{ "hidden", H5_I64, "width of the projection head's hidden layer" },
	{ "embedding", H5_I64, "width of the projection head's output" },
	{ "classes", H5_I64, "outputs of the classifier head; 0: none" },
	{ "temperature", H5_F64, "temperature of the contrastive loss" },
	{ "phase", H5_I64, "phase that scores from these weights belong to" },
	{ "engine", H5_TEXT, "instruction set, kernels, BLIS kernel and C library that decide the bits" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "event", "/curve/step" }, { 0 } };
const struct h5_schema h5_schema_weights = {
	.name = "weights", .summary = "shared weights of a supernet", .version = 1, .fields = fields, .attributes = attributes, .scales = scales,
};
