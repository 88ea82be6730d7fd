/* scores.h5: what evaluation found (one shard of the candidates). */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/trial", H5_I64, { "trial" }, "index", "id of the trial" },
	{ "/arch", H5_U8, { "trial", "decision" }, "index", "choice made for each decision, canonical" },
	{ "/status", H5_U8, { "trial" }, "index", "1 done, 2 fail" },
	{ "/score", H5_F64, { "trial" }, "nat", "larger is better: minus the loss on held-out images; NaN when failed" },
	{ "/loss", H5_F64, { "trial" }, "nat", "supervised loss on held-out images; only where labels were asked for", .optional = true },
	{ "/top1", H5_F64, { "trial" }, "1", "supervised accuracy on held-out images; only where labels were asked for", .optional = true },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "objective", H5_TEXT, "loss behind the score" },
	{ "phase", H5_I64, "phase of the weights" },
	{ "engine", H5_TEXT, "instruction set, kernels, BLIS kernel and C library that decide the bits" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "trial", "/trial" }, { 0 } };
const struct h5_schema h5_schema_scores = {
	.name = "scores", .summary = "scores of evaluated candidates", .version = 1, .fields = fields, .attributes = attributes, .scales = scales,
};
