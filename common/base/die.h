/* Ends of a program.  For main() and its helpers in stages/ only, with one exception: memory that
 * cannot be had ends the program from anywhere (see arena.h).  Temporary files are removed. */
#ifndef BASE_DIE_H
#define BASE_DIE_H

#include <stddef.h>

/* "nas-pretrain: message" on stderr and in the log, then exit(status). */
_Noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns when code >= 0; otherwise dies with err_text() and status -code. */
void die_on(int code);

/* Ends the program with this status when all that it printed has arrived; otherwise dies of that. */
_Noreturn void die_printed(int status);

/* From now on last words go to text, and nothing but this process ends: for a child whose parent speaks. */
void die_into(char *text, size_t size);

/* The name in front of messages; set once at the start of main(). */
void die_set_program(const char *name);
const char *die_program(void);

#endif
