/* The pictures of a report: gnuplot scripts that read the tables beside them, and the SVG each makes. */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include <stdbool.h>
#include "run.h"

/* Writes <name>.gp for every picture that the run has data for, and <name>.svg where gnuplot is installed
 * (*drawn tells whether it is).  By hand: cd report && gnuplot score-cost.gp >score-cost.svg */
int plots_write(const struct run *r, const char *folder, bool *drawn);

/* Runs gnuplot on folder/script with its output going to folder/svg.  0, 1 when gnuplot is not installed,
 * or an error. */
int gnuplot_run(const char *folder, const char *script, const char *svg);

#endif
