/* The tables of a report: tab-separated text, one header line; NaN where a value is unknown. */
#ifndef REPORT_TABLES_H
#define REPORT_TABLES_H

#include "run.h"

/* Writes all tables that the run has data for into folder, and removes those it has none for
 * (they would be of an earlier state of the run). */
int tables_write(const struct run *r, const char *folder);

/* One row of rounds.tsv: the trials of one round in one phase.  Also what summary.txt counts. */
struct round_row {
	int round, phase;
	int64_t trials, done, failed, rescored;
	double best, mean, sd;          /* of scores; NaN with none done */
	double best_so_far;             /* in the phase */
	int64_t evaluations;            /* done or failed, up to and with this round */
};
int rounds_count(const struct run *r, struct round_row **row);

#endif
