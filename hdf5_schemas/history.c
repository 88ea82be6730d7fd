/* history.h5: every trial so far, in order of id (the "tell"). */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/trial", H5_I64, { "trial" }, "index", "id of the trial" },
	{ "/origin", H5_I64, { "trial" }, "index", "id of the first trial of the same architecture that was scored again; -1: new" },
	{ "/round", H5_I32, { "trial" }, "index", "round that proposed the trial, from 1" },
	{ "/phase", H5_I32, { "trial" }, "index", "which weights and images scored it; scores of different phases are not comparable" },
	{ "/status", H5_U8, { "trial" }, "index", "0 pending, 1 done, 2 fail" },
	{ "/arch", H5_U8, { "trial", "decision" }, "index", "choice made for each decision, canonical" },
	{ "/score", H5_F64, { "trial" }, "nat", "larger is better; NaN unless done" },
	{ "/loss", H5_F64, { "trial" }, "nat", "supervised loss; NaN where no labels were asked for" },
	{ "/top1", H5_F64, { "trial" }, "1", "supervised accuracy; NaN where no labels were asked for" },
	{ "/macs", H5_I64, { "trial" }, "multiply-add", "multiply-adds for one image" },
	{ "/params", H5_I64, { "trial" }, "1", "number of parameters" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "trial", "/trial" }, { 0 } };
const struct h5_schema h5_schema_history = {
	.name = "history", .summary = "all trials of a search", .version = 1, .fields = fields, .scales = scales,
};
