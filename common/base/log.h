/* Log and progress.
 *
 * An event is one line of key=value pairs; it goes to the log file (--log) with a time stamp and,
 * when stderr is no terminal, to stderr as well (without --quiet).  On a terminal, log_progress()
 * rewrites one line instead.  Nothing here ever enters a result file. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

int log_open(const char *path);        /* NULL = no file; appends, creates folders */
void log_close(void);
void log_quiet(bool quiet);            /* nothing but errors on stderr */

/* log_event("epoch", "n=%d loss=%.4f", ...) */
void log_event(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, to the file only: for text that stderr gets in another form. */
void log_file(const char *event, const char *text);
void log_end_line(void);               /* closes a progress line that is still open on the terminal */

/* One line that is rewritten (terminal only, at most ten times a second; done = last one, always printed). */
void log_progress(bool done, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool log_on_terminal(void);

double clock_seconds(void);            /* monotonic */
void duration_print(double seconds, char text[32]);   /* "3 min 20 s" */

#endif
