/* space.h5: a search space for this input, and which of its choices are on. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/decision_name", H5_TEXT, { "decision" }, "name", "what is decided" },
	{ "/choices", H5_I32, { "decision" }, "1", "number of choices of the decision" },
	{ "/choice_name", H5_TEXT, { "decision", "choice" }, "name", "names of the choices, empty where a decision has fewer" },
	{ "/mask", H5_U8, { "decision", "choice" }, "1", "1 where the choice is on" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "space", H5_TEXT, "name of the space" },
	{ "options", H5_TEXT, "options of the space, name=value, separated by colons" },
	{ "rows", H5_I64, "input rows" },
	{ "columns", H5_I64, "input columns" },
	{ "channels", H5_I64, "input channels" },
	{ "classes", H5_I64, "classes of the classifier that cost counts; 0: none" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "decision", "/decision_name" }, { 0 } };
const struct h5_schema h5_schema_space = {
	.name = "space", .summary = "decisions, choices and mask of a search space", .version = 2, .fields = fields, .attributes = attributes, .scales = scales,
};
