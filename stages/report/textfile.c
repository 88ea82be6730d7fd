#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/err.h"
#include "textfile.h"

static int full_name(char path[PATH_MAX], const char *folder, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return err_set(ERR_USAGE, "%s/%s: the name is too long (%d bytes at most)", folder, name, PATH_MAX - 1);
	return 0;
}

int textfile_open(struct textfile *t, const char *folder, const char *name)
{
	char path[PATH_MAX];
	TRY(full_name(path, folder, name));
	TRY(tempfile_open(&t->temp, path));
	t->f = fopen(t->temp.path, "we");
	if (!t->f) {
		int code = err_system(ERR_IO, path, "write");
		tempfile_drop(&t->temp);
		return code;
	}
	return 0;
}

int textfile_commit(struct textfile *t)
{
	bool failed = ferror(t->f);      /* errno may be of another call then: the disk is the likely cause */
	errno = ENOSPC;
	failed |= fclose(t->f) != 0;
	t->f = NULL;
	int code = failed ? err_system(ERR_IO, t->temp.target, "write") : tempfile_commit(&t->temp);
	if (code < 0)
		tempfile_drop(&t->temp);
	return code;
}

void textfile_drop(struct textfile *t)
{
	fclose(t->f);
	t->f = NULL;
	tempfile_drop(&t->temp);
}

int textfile_remove(const char *folder, const char *name)
{
	char path[PATH_MAX];
	TRY(full_name(path, folder, name));
	if (unlink(path) < 0 && errno != ENOENT)
		return err_system(ERR_IO, path, "remove the file of an older report");
	return 0;
}

void textfile_field(FILE *f, const char *text)
{
	for (; *text; text++)
		putc((unsigned char)*text < ' ' ? ' ' : *text, f);
}

void textfile_number(FILE *f, double x)
{
	if (isnan(x))
		fputs("\tNaN", f);
	else
		fprintf(f, "\t%.9g", x);
}
