/* What a report was made from: the digests that the run's files carry, by name. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "h5/file.h"
#include "run.h"

static int wanted(const struct dirent *e)
{
	size_t length = strlen(e->d_name);
	return e->d_name[0] != '.' && length > 3 && !strcmp(e->d_name + length - 3, ".h5");
}

static int round_folder(const struct dirent *e)
{
	return !strncmp(e->d_name, "round-", 6);
}

static void free_names(struct dirent **name, int n)
{
	for (int i = 0; i < n; i++)
		free(name[i]);
	free(name);
}

/* Adds name and digest of each .h5 file of a folder; a folder that is none has no files. */
static int add_files(struct hasher *h, const char *folder, const char *inside, struct arena *mem)
{
	struct dirent **name = NULL;
	int n = scandir(folder, &name, wanted, alphasort), code = 0;
	if (n < 0)
		return errno == ENOTDIR ? 0 : err_system(ERR_IO, folder, "read");
	for (int i = 0; i < n && code >= 0; i++) {
		struct h5_header header;
		code = h5_header_read(arena_printf(mem, "%s/%s", folder, name[i]->d_name), &header);
		if (code < 0)
			break;
		const char *relative = arena_printf(mem, "%s%s", inside, name[i]->d_name);
		hasher_add(h, relative, strlen(relative) + 1);
		hasher_add(h, header.digest.byte, sizeof header.digest.byte);
	}
	free_names(name, n);
	return code;
}

int run_digest(const char *folder, struct arena *mem, struct digest *d)
{
	struct dirent **name = NULL;
	int n = scandir(folder, &name, round_folder, alphasort);
	if (n < 0)
		return err_set(ERR_NOINPUT, "%s: %s; --run expects the folder of a run, such as results/NAME", folder,
		               strerror(errno));
	struct hasher *h = hasher_new();
	int code = add_files(h, folder, "", mem);
	for (int i = 0; i < n && code >= 0; i++)
		code = add_files(h, arena_printf(mem, "%s/%s", folder, name[i]->d_name),
		                 arena_printf(mem, "%s/", name[i]->d_name), mem);
	*d = hasher_end(h);
	free_names(name, n);
	return code;
}
