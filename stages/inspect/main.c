/* nas-inspect: verify, print and compare the files of a run */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/die.h"
#include "base/err.h"
#include "base/sandbox.h"
#include "base/signals.h"
#include "inspect.h"

static const char usage[] =
	"nas-inspect: verify, print and compare the files of a run\n"
	"\n"
	"usage: nas-inspect FILE...            verify, check against the schema, print\n"
	"       nas-inspect --verify FILE...   one line a file; status 65 when one is damaged\n"
	"       nas-inspect --diff A B         what differs; status 0 nothing, 1 something\n"
	"       nas-inspect --schemas          what every kind of file holds\n"
	"       nas-inspect --system           processor, instruction set, BLIS kernel, threads, libraries\n"
	"       nas-inspect --help             this\n";

/* People point this program at files of any origin, and a digest is no signature: what libhdf5 makes of a
 * file happens in a child process, under limits that grow with the file. */
static int apart(int (*work)(void *arg), char **path)
{
	struct sandbox limits = { path[0], (size_t)4 << 30, 60 };
	struct stat st;

	if (!stat(path[0], &st)) {
		limits.memory += 16 * (size_t)st.st_size;
		limits.seconds += (int)(st.st_size >> 24);
	}
	return sandbox_run(work, path, &limits);
}

static int verify_one(void *arg)
{
	char **path = arg;
	struct h5_file *f;

	TRY(h5_open(&f, path[0], NULL));
	printf("%s: %s, whole\n", path[0], h5_file_schema(f)->name);
	h5_close(f);
	return 0;
}

/* Every file gets its line, also after a bad one. */
static int verify(char **path, int n)
{
	int worst = 0, i;

	for (i = 0; i < n; i++) {
		const int code = apart(verify_one, path + i);

		if (code < 0) {
			fprintf(stderr, "nas-inspect: %s\n", err_text());
			err_clear();
			worst = worst ? worst : -code;
		}
	}
	return worst;
}

static int print_one(void *arg)
{
	char **path = arg;
	struct arena *mem = arena_new();
	int status = inspect_print(path[0], mem);

	arena_free(mem);
	return status;
}

static int compare_two(void *arg)
{
	char **path = arg;
	struct arena *mem = arena_new();
	int64_t differences = 0;
	int status = inspect_diff(path[0], path[1], mem, &differences);

	arena_free(mem);
	return status < 0 ? status : differences > 0;
}

static void expect(int found, int least, int most, const char *what)
{
	if (found < least || found > most)
		die(-ERR_USAGE, "%s; --help shows how", what);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	int status = 0, i;

	die_set_program("nas-inspect");
	signals_install(false);
	if (!strcmp(verb, "--help")) {
		fputs(usage, stdout);
	} else if (!strcmp(verb, "--schemas")) {
		expect(argc, 2, 2, "--schemas takes nothing");
		inspect_schemas();
	} else if (!strcmp(verb, "--system")) {
		expect(argc, 2, 2, "--system takes nothing");
		die_on(inspect_system());
	} else if (!strcmp(verb, "--verify")) {
		expect(argc, 3, argc, "--verify takes files");
		status = verify(argv + 2, argc - 2);
	} else if (!strcmp(verb, "--diff")) {
		expect(argc, 4, 4, "--diff takes two files");
		die_on(status = apart(compare_two, argv + 2));
	} else if (!strncmp(verb, "--", 2)) {
		die(-ERR_USAGE, "unknown option %s; --help lists them", verb);
	} else {
		expect(argc, 2, argc, "a file is missing");
		for (i = 1; i < argc; i++)
			die_on(apart(print_one, argv + i));
	}
	die_printed(status);
}
