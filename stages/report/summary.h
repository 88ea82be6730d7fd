/* summary.txt: the run on one screen (80 x 24). */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "run.h"

/* First eight lines "name: value" (n/a where unknown), then an account for people.
 * drawn: the pictures were made (gnuplot is installed). */
int summary_write(const struct run *r, const char *folder, bool drawn);

#endif
