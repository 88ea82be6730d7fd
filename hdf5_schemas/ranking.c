/* ranking.h5: how well scores order networks: against cost, and against known values. */
#include "h5/schema.h"

static const struct h5_field fields[] = {
	{ "/arch", H5_U8, { "network", "decision" }, "index", "choice made for each decision, canonical" },
	{ "/code", H5_TEXT, { "network" }, "name", "the architecture in the notation of its space" },
	{ "/score", H5_F64, { "network" }, "nat", "score, larger is better" },
	{ "/macs", H5_I64, { "network" }, "multiply-add", "multiply-adds for one image" },
	{ "/params", H5_I64, { "network" }, "1", "number of parameters" },
	{ "/depth", H5_I64, { "network" }, "1", "decisions that choose an operation: neither identity, skip_connect nor none" },
	{ "/value", H5_F64, { "network" }, "1", "known value, larger is better; NaN where unknown", .optional = true },
	{ "/stratum", H5_I64, { "network" }, "index", "group of networks of like cost" },
	{ "/comparison/predictor", H5_TEXT, { "comparison" }, "name", "what orders: score, macs, params or depth" },
	{ "/comparison/target", H5_TEXT, { "comparison" }, "name", "what is ordered: macs, params, depth or value" },
	{ "/comparison/stratum", H5_TEXT, { "comparison" }, "name", "among which: all, within (pairs inside strata), or one stratum" },
	{ "/comparison/networks", H5_I64, { "comparison" }, "1", "networks compared" },
	{ "/comparison/tau_b", H5_F64, { "comparison" }, "1", "Kendall tau-b; NaN where one of the two is constant" },
	{ "/comparison/tau_low", H5_F64, { "comparison" }, "1", "2.5 % point of tau-b over bootstrap samples of the networks" },
	{ "/comparison/tau_high", H5_F64, { "comparison" }, "1", "97.5 % point" },
	{ "/comparison/lead", H5_F64, { "comparison" }, "1", "by how much the score's tau-b with a known value is above this cost's; NaN for others" },
	{ "/comparison/lead_low", H5_F64, { "comparison" }, "1", "2.5 % point of that over the same bootstrap samples" },
	{ "/comparison/lead_high", H5_F64, { "comparison" }, "1", "97.5 % point" },
	{ "/comparison/spearman", H5_F64, { "comparison" }, "1", "Spearman's rho; NaN within strata" },
	{ "/comparison/weighted_tau", H5_F64, { "comparison" }, "1", "tau weighted towards the top (Vigna 2015); NaN within strata" },
	{ "/comparison/precision", H5_F64, { "comparison" }, "1", "share of the predicted top k that is in the true top k; NaN within strata" },
	{ "/comparison/best_of_top", H5_F64, { "comparison" }, "1", "largest target among the predicted top k; NaN within strata" },
	{ "/comparison/best", H5_F64, { "comparison" }, "1", "largest target of all" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "space", H5_TEXT, "name of the space" },
	{ "strata", H5_TEXT, "what makes networks alike in cost: depth, macs or params" },
	{ "intraclass", H5_F64, "intraclass correlation of the scores over several files: share of the variance between networks", .optional = true },
	{ "top", H5_I64, "k of precision and of the best of the top" },
	{ 0 }
};
static const struct h5_scale scales[] = { { "network", "/code" }, { 0 } };
const struct h5_schema h5_schema_ranking = {
	.name = "ranking", .summary = "how well scores order networks", .version = 2, .fields = fields, .attributes = attributes, .scales = scales,
};
