/* Other processes. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* No process of that number, or one that was killed and only waits for its parent to take notice: it holds no
 * files. */
bool process_gone(pid_t pid);

#endif
