/* SIGINT, SIGTERM and SIGHUP: a stage finishes its step, checkpoints, and the signal is raised again.
 * SIGQUIT ends at once, temporary files are removed all the same.
 * SIGPIPE and SIGXFSZ are ignored, so that writes fail with an error instead. */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>

/* graceful = true: the first signal only sets a flag (long stages poll it); a second one ends at once.
 * graceful = false: temporary files are removed and the signal is raised again immediately. */
void signals_install(bool graceful);
bool signals_stopping(void);
_Noreturn void signals_leave(void);       /* remove temporary files, restore the default action, re-raise */

#endif
