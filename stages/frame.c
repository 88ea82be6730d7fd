/* The frame of every stage; see frame.h. */
#include "stages/frame.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/cpu.h"
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "base/signals.h"
#include "base/tempfile.h"
#include "h5/file.h"

/* Options that every stage has; all of them execution. */
struct common {
	const char *out, *log;
	int64_t threads;
	bool quiet, help, recipe;
};

static double started;

static void input_help(const struct stage_input *in)
{
	char name[64];

	snprintf(name, sizeof name, "--%s", in->role);
	opt_help_line(name, in->help, in->many ? " (may be given several times)" : "", stdout);
	putchar('\n');
}

static void print_help(const struct stage *s, const struct opt *common)
{
	const struct stage_input *in;

	printf("%s: %s\n\nusage: %s", s->name, s->summary, s->name);
	for (in = s->inputs; in && in->role; in++)
		printf(in->optional ? " [--%s FILE%s%s]%s" : " --%s FILE%s%s%s", in->role, in->word ? "|" : "",
		       in->word ? in->word : "", in->many ? "..." : "");
	printf("%s%s [OPTION...]\n\ninputs:\n", s->output ? " --out " : "", s->output ? s->output : "");
	for (in = s->inputs; in && in->role; in++)
		input_help(in);
	printf("\noptions that change results (recorded in the output):\n");
	opt_help(s->options, false, stdout);
	printf("\noptions that change no result:\n");
	opt_help(s->options, true, stdout);
	opt_help(common, true, stdout);
}

static struct stage_input *find_input(struct stage *s, const char *name)
{
	struct stage_input *in;

	for (in = s->inputs; in && in->role; in++)
		if (!strcmp(in->role, name))
			return in;
	return NULL;
}

static int add_path(struct stage *s, struct stage_input *in, const char *path)
{
	const char **paths;

	if (in->n_paths && !in->many)
		return err_set(ERR_USAGE, "--%s is given twice; %s takes one", in->role, s->name);
	if (!path[0])
		return err_set(ERR_USAGE, "--%s: the file name is empty", in->role);
	paths = ARENA_NEW(s->mem, const char *, in->n_paths + 1);
	if (in->n_paths)
		memcpy(paths, in->paths, (size_t)in->n_paths * sizeof *paths);
	paths[in->n_paths++] = path;
	in->paths = paths;
	in->path = in->word && !strcmp(path, in->word) ? NULL : paths[0];
	return 0;
}

/* One argument of the command line and, where it takes one, its value. */
static int parse_one(struct stage *s, const struct opt *common, char **argv, int argc, int *i)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	const struct opt *o;
	struct stage_input *in;
	const char *value = NULL;
	char *name;

	if (strncmp(word, "--", 2) || !word[2])
		return err_set(ERR_USAGE, "unexpected argument \"%s\": options begin with --; --help lists them", word);
	name = arena_strdup(s->mem, word + 2);
	if (equals) {
		name[equals - word - 2] = '\0';
		value = equals + 1;
	}
	in = find_input(s, name);
	o = in ? NULL : opt_find(s->options, name);
	if (!in && !o)
		o = opt_find(common, name);
	if (!in && !o)
		return err_set(ERR_USAGE, "unknown option --%s; --help lists them", name);
	if (!value && !(o && o->kind == OPT_KIND_FLAG)) {
		if (*i + 1 >= argc)
			return err_set(ERR_USAGE, "--%s needs a value", name);
		value = argv[++*i];
	}
	return in ? add_path(s, in, value) : opt_set(o, value ? value : "yes");
}

static int input_digest(struct stage *s, const struct stage_input *in, const char *path, struct digest *d)
{
	struct h5_header header;

	if (in->word && !strcmp(path, in->word)) {
		*d = hash128(path, strlen(path));
		return 0;
	}
	if (!in->foreign) {
		TRY(h5_header_read(path, &header));
		*d = header.digest;
		return 0;
	}
	return s->foreign_digest ? s->foreign_digest(s, in, d) : hash_file(path, d);
}

static int make_recipe(struct stage *s)
{
	struct h5_recipe_input *list;
	struct stage_input *in;
	int n = 0, i;

	for (in = s->inputs; in && in->role; in++)
		n += in->n_paths;
	list = ARENA_NEW(s->mem, struct h5_recipe_input, n + 1);
	n = 0;
	for (in = s->inputs; in && in->role; in++)
		for (i = 0; i < in->n_paths; i++, n++) {
			list[n].role = in->role;
			TRY(input_digest(s, in, in->paths[i], &list[n].digest));
		}
	s->recipe = h5_recipe_make(s->mem, s->name, s->version, s->options, list, n);
	return 0;
}

static int check_complete(const struct stage *s, bool recipe)
{
	const struct stage_input *in;

	for (in = s->inputs; in && in->role; in++)
		if (!in->n_paths && !in->optional)
			return err_set(ERR_USAGE, "--%s FILE is missing (%s)", in->role, in->help);
	if (s->output && !s->out[0] && !recipe && !(s->no_output && *s->no_output))
		return err_set(ERR_USAGE, "--out FILE is missing (%s)", s->output);
	return 0;
}

static int sweep_beside(struct stage *s, const char *path)
{
	const char *slash = strrchr(path, '/');

	return tempfile_sweep(slash ? arena_printf(s->mem, "%.*s", (int)(slash - path) + 1, path) : ".");
}

/* What an earlier process left beside the outputs (--out and each --...-out) when it was killed. */
static int sweep(struct stage *s)
{
	const struct opt *o;

	if (s->out[0])
		TRY(sweep_beside(s, s->out));
	for (o = s->options; o && o->name; o++) {
		size_t n = strlen(o->name);
		const char *path = o->kind == OPT_KIND_TEXT ? *(const char **)o->target : NULL;

		if (path && *path && n > 4 && !strcmp(o->name + n - 4, "-out"))
			TRY(sweep_beside(s, path));
	}
	return 0;
}

/* The effective options in one event of the log. */
static void log_start(const struct stage *s)
{
	const struct opt *o;
	char *line = arena_printf(s->mem, "stage=%s version=%d threads=%lld", s->name, s->version,
	                          (long long)s->threads);
	char value[512];

	for (o = s->options; o && o->name; o++) {
		opt_value(o, value, sizeof value);
		line = arena_printf(s->mem, "%s %s=\"%s\"", line, o->name, value);
	}
	log_file("start", line);
}

void stage_begin(struct stage *s, int argc, char **argv)
{
	struct common c = { .out = "", .log = "" };
	const struct opt common[] = {
		OPT_EXEC_TEXT("out", &c.out, "file to write"),
		OPT_EXEC_TEXT("log", &c.log, "file that events are appended to"),
		OPT_EXEC_LONG("threads", &c.threads, 0, 1024, "worker threads; 0 = one per processor"),
		OPT_EXEC_FLAG("quiet", &c.quiet, "nothing but errors on the terminal"),
		OPT_EXEC_FLAG("recipe", &c.recipe, "print the recipe of this command line and exit"),
		OPT_EXEC_FLAG("help", &c.help, "print this and exit"),
		OPT_END
	};
	int i;

	started = clock_seconds();
	die_set_program(s->name);
	s->mem = arena_new();
	for (i = 1; i < argc; i++)
		die_on(parse_one(s, common, argv, argc, &i));
	if (c.help) {
		print_help(s, common);
		die_printed(0);
	}
	s->out = c.out;
	s->threads = c.threads;
	die_on(check_complete(s, c.recipe));
	if (c.recipe) {
		die_on(make_recipe(s));
		fputs(s->recipe.text, stdout);
		die_printed(0);
	}
	signals_install(s->graceful);
	log_quiet(c.quiet);
	die_on(cpu_init());
	if (c.log[0])
		die_on(log_open(c.log));
	die_on(sweep(s));
	die_on(make_recipe(s));
	log_start(s);
}

int stage_end(struct stage *s)
{
	log_file("end", arena_printf(s->mem, "seconds=%.3f", clock_seconds() - started));
	log_close();
	arena_free(s->mem);
	s->mem = NULL;
	return 0;
}
