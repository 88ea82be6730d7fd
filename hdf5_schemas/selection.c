/* selection.h5: the chosen network, Pareto front, or ensemble. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/trial", H5_I64, { "member" }, "index", "id of the trial that was chosen" },
	{ "/arch", H5_U8, { "member", "decision" }, "index", "choice made for each decision, canonical" },
	{ "/code", H5_TEXT, { "member" }, "name", "the architecture in the notation of its space" },
	{ "/score", H5_F64, { "member" }, "nat", "score by which it was chosen" },
	{ "/macs", H5_I64, { "member" }, "multiply-add", "multiply-adds for one image" },
	{ "/params", H5_I64, { "member" }, "1", "number of parameters" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "space", H5_TEXT, "name of the space" },
	{ "options", H5_TEXT, "options of the space, name=value, separated by colons" },
	{ "rows", H5_I64, "input rows" },
	{ "columns", H5_I64, "input columns" },
	{ "channels", H5_I64, "input channels" },
	{ "classes", H5_I64, "classes of the classifier that cost counts; 0: none" },
	{ "pick", H5_TEXT, "how it was chosen: best, pareto, ensemble:N" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "member", "/trial" }, { 0 } };
const struct h5_schema h5_schema_selection = {
	.name = "selection", .summary = "chosen architectures", .version = 2, .fields = fields, .attributes = attributes, .scales = scales,
};
