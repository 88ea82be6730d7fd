/* *.ckpt: training cut off between two steps.  Resumed only under the same recipe and engine. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/param/**", H5_F32, { "out", "row", "column", "in" }, "1", "parameter" },
	{ "/slot0/**", H5_F32, { "out", "row", "column", "in" }, "1", "first state of the optimiser" },
	{ "/slot1/**", H5_F32, { "out", "row", "column", "in" }, "1", "second state of the optimiser" },
	{ "/slot2/**", H5_F32, { "out", "row", "column", "in" }, "1", "third state of the optimiser" },
	{ "/average/**", H5_F32, { "out", "row", "column", "in" }, "1", "averaged parameter" },
	{ "/memory/**", H5_F32, { "out", "row", "column", "in" }, "1", "what the loss remembers: rows of a memory bank" },
	{ "/curve/step", H5_I64, { "event" }, "step", "training step at the end of the interval" },
	{ "/curve/loss", H5_F64, { "event" }, "nat", "mean training loss over the interval" },
	{ "/curve/rate", H5_F64, { "event" }, "1", "learning rate at the end of the interval" },
	{ "/pending/loss", H5_F64, { 0 }, "nat", "sum of losses since the last event" },
	{ "/pending/steps", H5_I64, { 0 }, "step", "steps since the last event" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "step", H5_I64, "steps taken" },
	{ "optimiser_steps", H5_I64, "updates taken" },
	{ "halvings", H5_I64, "how often the learning rate was halved because the training diverged", .optional = true },
	{ "engine", H5_TEXT, "instruction set, kernels, BLIS kernel and C library that decide the bits" },
	{ 0 }
};
const struct h5_schema h5_schema_checkpoint = {
	.name = "checkpoint", .summary = "state of an interrupted training", .version = 1, .fields = fields, .attributes = attributes,
};
