/* Text files of architectures: one per line in the notation of the space, after a tab what is known of it.
 * Blank lines and what follows a '#' do not count.
 *
 *   TRY(lines_open(&l, path));
 *   while ((status = lines_next(&l)) > 0)
 *           ...                              with l.number, l.code, l.value
 *   lines_close(&l);
 *
 * Errors name file and line; a caller does so too, with l.path and l.number. */
#ifndef SEARCH_LINES_H
#define SEARCH_LINES_H

#include <stdio.h>

struct lines {
	const char *path;
	int number;                  /* of the line, from 1 */
	const char *code;            /* without blanks around it */
	const char *value;           /* the first word behind the tab; NULL: there is no tab */
	FILE *file;
	char text[1024];
};

int lines_open(struct lines *l, const char *path);           /* ERR_NOINPUT */
int lines_next(struct lines *l);                             /* 1, 0 at the end, ERR_DATA (too long), ERR_IO */
void lines_close(struct lines *l);

#endif
