/* Work on files that others wrote, in a child process under limits.  What crashes a decoder, makes it
 * allocate without end or never come back ends the child, and the parent says which file it was.
 *
 *   struct arena *mem = arena_shared(room);     results that the parent wants live here, pointers included
 *   struct work *w = ARENA_NEW(mem, ...);
 *   TRY(sandbox_run(work, w, &(struct sandbox){ .doing = "photos", .memory = 2 << 30, .seconds = 60 }));
 *
 * It keeps accidents away from the parent; it is no wall against code that an attacker already runs.
 * The child has no threads but those that it starts; files and pools that it opens are its own. */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stddef.h>

struct sandbox {
	const char *doing;           /* what the message begins with */
	size_t memory;               /* bytes of address space beyond what the process has now */
	int seconds;                 /* of processor time, all threads together, between two signs of life */
};

/* Runs work(arg) in a child and waits.  Returns its code, with its message; ERR_DATA when the child was ended
 * by a limit or a signal: the message names what it was at.  Standard output is passed on whole. */
int sandbox_run(int (*work)(void *arg), void *arg, const struct sandbox *s);

/* In the child: worker (0, 1, ...) now is at `what`, and the time begins anew.  Outside it does nothing. */
void sandbox_at(int worker, const char *what);

#endif
