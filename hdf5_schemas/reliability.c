/* reliability.h5: which faults were injected how often, and what came of it (make reliability-report). */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/row", H5_TEXT, { "line" }, "name", "row of the test matrix" },
	{ "/fault", H5_TEXT, { "line" }, "name", "what was done to the programs or their files" },
	{ "/how", H5_TEXT, { "line" }, "name", "to which of them, and how" },
	{ "/runs", H5_I64, { "line" }, "1", "times that it was done" },
	{ "/violations", H5_I64, { "line" }, "1", "times that something was lost, half-written, believed without a check, or crashed" },
	{ "/seed", H5_I64, { "line" }, "index", "seed of what was random" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "commit", H5_TEXT, "revision of the programs" },
	{ "date", H5_TEXT, "when the report was made" },
	{ 0 }
};
const struct h5_schema h5_schema_reliability = {
	.name = "reliability", .summary = "counts of injected faults", .version = 1, .fields = fields, .attributes = attributes,
};
