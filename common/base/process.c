#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

bool process_gone(pid_t pid)
{
	char path[32], line[512] = "";
	const char *state;
	FILE *f;

	if (kill(pid, 0))
		return errno == ESRCH;
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (f && !fgets(line, sizeof line, f))
		line[0] = '\0';
	if (f)
		fclose(f);
	state = strrchr(line, ')');      /* number (name) state */
	return state && (!strncmp(state, ") Z", 3) || !strncmp(state, ") X", 3));
}
