/* model.h5: one trained network of its own, ready for use. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/param/**", H5_F32, { "out", "row", "column", "in" }, "1", "parameter of the network" },
	{ "/stat/**", H5_F64, { "channel" }, "1", "batch-norm mean and variance by call site" },
	{ "/arch", H5_U8, { "decision" }, "index", "choice made for each decision, canonical" },
	{ "/mean", H5_F64, { "input_channel" }, "source units", "mean that inputs are normalised with" },
	{ "/sd", H5_F64, { "input_channel" }, "source units", "standard deviation that inputs are normalised with" },
	{ "/curve/step", H5_I64, { "event" }, "step", "training step at the end of the interval" },
	{ "/curve/loss", H5_F64, { "event" }, "nat", "mean training loss over the interval" },
	{ "/curve/rate", H5_F64, { "event" }, "1", "learning rate at the end of the interval" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "code", H5_TEXT, "the architecture in the notation of its space" },
	{ "space", H5_TEXT, "name of the space" },
	{ "options", H5_TEXT, "options of the space, name=value, separated by colons" },
	{ "rows", H5_I64, "input rows" },
	{ "columns", H5_I64, "input columns" },
	{ "channels", H5_I64, "input channels" },
	{ "classes", H5_I64, "outputs of the classifier; 0: an encoder" },
	{ "objective", H5_TEXT, "what it was trained for" },
	{ "hidden", H5_I64, "width of the projection head's hidden layer" },
	{ "embedding", H5_I64, "width of the projection head's output" },
	{ "temperature", H5_F64, "temperature of the contrastive loss" },
	{ "engine", H5_TEXT, "instruction set, kernels, BLIS kernel and C library that decide the bits" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "event", "/curve/step" }, { 0 } };
const struct h5_schema h5_schema_model = {
	.name = "model", .summary = "a network trained from scratch", .version = 2, .fields = fields, .attributes = attributes, .scales = scales,
};
