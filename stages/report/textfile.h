/* A text file of the report: written under a temporary name, seen when whole. */
#ifndef REPORT_TEXTFILE_H
#define REPORT_TEXTFILE_H

#include <stdio.h>
#include "base/tempfile.h"

struct textfile { struct tempfile temp; FILE *f; };

int textfile_open(struct textfile *t, const char *folder, const char *name);
/* Closes and renames; ERR_IO when a write failed.  Nothing is left behind on failure. */
int textfile_commit(struct textfile *t);
void textfile_drop(struct textfile *t);

/* Removes a file of an earlier report. */
int textfile_remove(const char *folder, const char *name);

/* Text from a file, as one field of a table: tabs, line ends and other control characters become spaces. */
void textfile_field(FILE *f, const char *text);
/* A number as a field, after a tab: nine digits, or NaN. */
void textfile_number(FILE *f, double x);

#endif
