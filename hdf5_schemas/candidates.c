/* candidates.h5: architectures to be evaluated (the "ask"). */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/trial", H5_I64, { "trial" }, "index", "id of the trial" },
	{ "/origin", H5_I64, { "trial" }, "index", "id of the first trial of the same architecture that is scored again; -1: new" },
	{ "/arch", H5_U8, { "trial", "decision" }, "index", "choice made for each decision, canonical" },
	{ "/macs", H5_I64, { "trial" }, "multiply-add", "multiply-adds for one image" },
	{ "/params", H5_I64, { "trial" }, "1", "number of parameters" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "strategy", H5_TEXT, "who proposed them" },
	{ "round", H5_I64, "round of the search, from 1" },
	{ "phase", H5_I64, "phase that their scores will belong to" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "trial", "/trial" }, { 0 } };
const struct h5_schema h5_schema_candidates = {
	.name = "candidates", .summary = "architectures proposed for evaluation", .version = 1, .fields = fields, .attributes = attributes, .scales = scales,
};
