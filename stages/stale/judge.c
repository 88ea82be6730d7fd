/* Fresh, stale or missing, and why; see plan.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "h5/file.h"
#include "h5/recipe.h"
#include "stages/stale/plan.h"

static const struct target *find(const struct plan *p, const char *path, const struct target *before)
{
	const struct target *t;

	for (t = p->targets; t < before; t++)
		if (!strcmp(t->path, path))
			return t;
	return NULL;
}

bool plan_h5_named(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && !strcmp(path + n - 3, ".h5");
}

/* The recipe that a file carries: an HDF5 file as attribute, a report as text of its own. */
static int stored_recipe(const char *path, struct arena *mem, char **text)
{
	struct h5_file *f;
	FILE *plain;
	size_t n;
	int code;

	if (plan_h5_named(path)) {
		TRY(h5_open(&f, path, NULL));
		code = h5_get_text(f, "recipe", mem, text);
		h5_close(f);
		return code;
	}
	plain = fopen(path, "r");
	if (!plain)
		return err_set(ERR_NOINPUT, "%s: cannot read: %s", path, strerror(errno));
	*text = arena_alloc(mem, 65536, 1);
	n = fread(*text, 1, 65535, plain);
	(*text)[n] = '\0';
	fclose(plain);
	return 0;
}

/* The cheap question: does the file carry this recipe?  For HDF5 files the user block is enough. */
static int same_recipe(const struct target *t, struct arena *mem, bool *same)
{
	struct h5_header header;
	struct digest now;
	char *there;

	if (plan_h5_named(t->path)) {
		TRY(h5_header_read(t->path, &header));
		now = hash128(t->recipe, strlen(t->recipe));
		*same = digest_equal(&header.recipe, &now);
		return 0;
	}
	TRY(stored_recipe(t->path, mem, &there));
	*same = !strcmp(there, t->recipe);
	return 0;
}

static const char *why(const struct target *t, struct arena *mem)
{
	char difference[1024], *there;

	if (stored_recipe(t->path, mem, &there) < 0) {
		const char *text = arena_strdup(mem, err_text());

		err_clear();
		return text;
	}
	h5_recipe_difference(there, t->recipe, difference, sizeof difference);
	return arena_strdup(mem, *difference ? difference : "its recipe changed");
}

static int judge(const struct plan *p, struct target *t, bool explain, struct arena *mem)
{
	bool same = false;
	int i;

	t->state = access(t->path, F_OK) ? STATE_MISSING : STATE_STALE;
	if (t->state == STATE_MISSING) {
		t->reason = "is not there yet";
		return 0;
	}
	for (i = 0; i < t->n_inputs; i++) {
		const struct target *input = find(p, t->inputs[i], t);

		if (input && input->state != STATE_FRESH) {
			t->reason = arena_printf(mem, "%s is remade", input->path);
			return 0;
		}
	}
	if (t->status) {
		t->reason = *t->complaint ? t->complaint : arena_printf(mem, "its stage ended with status %d", t->status);
	} else if (same_recipe(t, mem, &same) < 0) {
		if (err_code() != ERR_DATA)
			return err_code();
		t->reason = arena_strdup(mem, err_text());
		err_clear();
	} else if (same) {
		t->state = STATE_FRESH;
	} else {
		t->reason = explain ? why(t, mem) : "its recipe changed";
	}
	return 0;
}

int plan_judge(struct plan *p, bool explain, struct arena *mem)
{
	int i;

	for (i = 0; i < p->n; i++)
		TRY(judge(p, &p->targets[i], explain, mem));
	return 0;
}

/* ---- verify ---- */

/* Only the lines "input ROLE DIGEST": the chain that leads to a file, whatever options it was made with. */
static char *chain(const char *recipe, struct arena *mem)
{
	char *text = arena_alloc(mem, strlen(recipe) + 1, 1), *at = text;

	while (*recipe) {
		size_t n = strcspn(recipe, "\n");

		n += recipe[n] == '\n';
		if (!strncmp(recipe, "input ", 6))
			at = mempcpy(at, recipe, n);
		recipe += n;
	}
	return text;
}

static int verify(const struct target *t, struct arena *mem)
{
	char difference[1024], *there, *made_from, *inputs;

	if (t->status)
		return err_set(ERR_DATA, "%s", *t->complaint ? t->complaint : "its stage cannot tell its inputs");
	TRY(stored_recipe(t->path, mem, &there));
	made_from = chain(there, mem);
	inputs = chain(t->recipe, mem);
	if (!strcmp(made_from, inputs))
		return 0;
	h5_recipe_difference(made_from, inputs, difference, sizeof difference);
	return err_set(ERR_DATA, "%s: made from other inputs: %s", t->path, difference);
}

int plan_verify(struct plan *p, struct arena *mem)
{
	int i, good = 0, bad = 0, missing = 0;

	for (i = 0; i < p->n; i++) {
		const struct target *t = &p->targets[i];

		if (access(t->path, F_OK)) {
			missing++;
			printf("missing  %s\n", t->path);
		} else if (verify(t, mem) < 0) {
			bad++;
			printf("BAD      %s: %s\n", t->path, err_text());
			err_clear();
		} else {
			good++;
			printf("ok       %s\n", t->path);
		}
	}
	printf("%d ok, %d bad, %d missing\n", good, bad, missing);
	return bad;
}
