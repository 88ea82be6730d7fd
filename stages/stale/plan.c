/* Reading the plan and asking the stages; see plan.h. */
#include "stages/stale/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/read.h"

static int read_text(const char *path, struct arena *mem, char **text)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	size_t n;

	if (!f || fstat(fileno(f), &st)) {
		if (f)
			fclose(f);
		return err_set(ERR_NOINPUT, "%s: cannot read: %s", path, strerror(errno));
	}
	*text = arena_alloc(mem, (size_t)st.st_size + 1, 1);
	n = fread(*text, 1, (size_t)st.st_size, f);
	(*text)[n] = '\0';
	fclose(f);
	return 0;
}

static void split_inputs(struct target *t, char *words, struct arena *mem)
{
	char *word, *rest;
	int room = 1;

	for (word = words; *word; word++)
		room += *word == ' ';
	t->inputs = ARENA_NEW(mem, const char *, room);
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		t->inputs[t->n_inputs++] = word;
}

int plan_read(struct plan *p, const char *path, struct arena *mem)
{
	char *text = NULL, *line, *rest, *inputs, *command;
	int lines = 1;

	TRY(read_text(path, mem, &text));
	for (line = text; *line; line++)
		lines += *line == '\n';
	p->targets = ARENA_NEW(mem, struct target, lines);
	p->n = 0;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct target *t = &p->targets[p->n];

		inputs = strchr(line, '\t');
		command = inputs ? strchr(inputs + 1, '\t') : NULL;
		if (!command)
			return err_set(ERR_DATA, "%s:%d: expected target, inputs and command separated by tabs, found \"%s\"",
			               path, p->n + 1, line);
		*inputs++ = *command++ = '\0';
		t->path = line;
		t->command = command;
		split_inputs(t, inputs, mem);
		p->n++;
	}
	return 0;
}

/* ---- asking ---- */

struct question { pid_t pid; struct target *target; int out, complaint; };

static int ask(struct question *q, struct target *t, struct arena *mem)
{
	char *line = arena_printf(mem, "exec %s --recipe", t->command);

	q->target = t;
	q->out = memfd_create("recipe", MFD_CLOEXEC);
	q->complaint = memfd_create("complaint", MFD_CLOEXEC);
	if (q->out < 0 || q->complaint < 0 || (q->pid = fork()) < 0)
		return err_set(ERR_INTERNAL, "cannot start %s: %s", t->command, strerror(errno));
	if (!q->pid) {
		dup2(q->out, STDOUT_FILENO);
		dup2(q->complaint, STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	return 0;
}

static int slurp(int fd, struct arena *mem, char **text)
{
	off_t size = lseek(fd, 0, SEEK_END);
	int code = 0;

	*text = arena_alloc(mem, (size_t)(size > 0 ? size : 0) + 1, 1);
	if (size > 0 && read_fully_at(fd, *text, (size_t)size, 0) != size)
		code = err_system(ERR_IO, "a stage's answer", "read");
	close(fd);
	return code;
}

static int hear(struct question *q, int status, struct arena *mem)
{
	struct target *t = q->target;
	size_t n;

	t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	q->pid = 0;
	TRY(slurp(q->out, mem, &t->recipe));
	TRY(slurp(q->complaint, mem, &t->complaint));
	for (n = strlen(t->complaint); n && t->complaint[n - 1] == '\n'; n--)
		t->complaint[n - 1] = '\0';
	return 0;
}

static struct question *free_slot(struct question *q, int jobs)
{
	int i;

	for (i = 0; i < jobs; i++)
		if (!q[i].pid)
			return &q[i];
	return NULL;
}

/* Waits for one answer: 1, 0 when there was nothing to wait for, or an error. */
static int hear_one(struct question *q, int jobs, struct arena *mem)
{
	int status, i;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid < 0 && errno == EINTR);
	for (i = 0; pid > 0 && i < jobs; i++)
		if (q[i].pid == pid)
			TRY(hear(&q[i], status, mem));
	return pid > 0;
}

/* Nothing was found out about the target: taking it for stale could remake hours of work for a disk's whim. */
static bool cannot_answer(int status)
{
	return status == -ERR_USAGE || status == -ERR_CONFIG || status == -ERR_IO || status == -ERR_INTERNAL;
}

int plan_ask(struct plan *p, int jobs, struct arena *mem)
{
	struct question *q = ARENA_NEW(mem, struct question, jobs), *slot;
	int i, code = 0;

	for (i = 0; i < p->n && code == 0; i++) {
		while (code >= 0 && !(slot = free_slot(q, jobs)))
			code = hear_one(q, jobs, mem);
		code = code < 0 ? code : ask(slot, &p->targets[i], mem);
	}
	for (i = 1; i; )               /* also after a failure: no stage is left behind */
		if ((i = hear_one(q, jobs, mem)) < 0)
			code = i;
	TRY(code);
	for (i = 0; i < p->n; i++)
		if (cannot_answer(p->targets[i].status))
			return err_set(-p->targets[i].status, "%s", p->targets[i].complaint);
	return 0;
}
