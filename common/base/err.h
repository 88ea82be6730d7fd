/* Errors of the library: a code that travels up, and the text of the first failure.
 *
 * Library functions return 0 or one of the negative codes below (the negated exit status of
 * sysexits.h) after describing the failure with err_set().  The first description wins: what a
 * caller adds later is a consequence.  Only main() turns an error into an exit (see die.h).
 * Thread-safe: worker threads may fail at once; one of their messages is kept. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum {
	ERR_USAGE    = -64,  /* unknown option, value out of range */
	ERR_DATA     = -65,  /* input is damaged or not what was expected */
	ERR_NOINPUT  = -66,  /* an input does not exist or cannot be opened */
	ERR_INTERNAL = -70,  /* out of memory, broken invariant */
	ERR_IO       = -74,  /* read or write failed, disk full */
	ERR_LOCKED   = -75,  /* the run is locked by another process */
	ERR_CONFIG   = -78,  /* the configuration as a whole makes no sense */
};

/* Records "what is wrong, where, what to do" unless a message is already kept; returns code. */
int err_set(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same from errno: "PATH: cannot DOING: No such file or directory".  A full disk is named as such and
 * always is ERR_IO; anything else is `code`. */
int err_system(int code, const char *path, const char *doing);

/* The kept message gives way to this one, which says more; it may quote err_text().  Returns code. */
int err_replace(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *err_text(void);  /* "" when nothing failed */
int err_code(void);          /* code of the kept message, 0 when nothing failed */
void err_clear(void);        /* forget it: the caller has dealt with the failure */

#define TRY(call) do { int try_code_ = (call); if (try_code_ < 0) return try_code_; } while (0)

#endif
