/* Time for one image, as measured here and now: for the eyes, and never in a result file. */
#ifndef STAGES_TEST_LATENCY_H
#define STAGES_TEST_LATENCY_H

#include "stages/model.h"

/* Table of batch size 1, with one thread and with `threads`, one line per member:
 * member, code, threads, runs, latency_ms (median), p10_ms, p90_ms.  Several members: a line "all" with
 * their sum ends each thread count.  Written to path. */
int latency_write(const struct model *model, int64_t members, int64_t threads, const char *path);

#endif
