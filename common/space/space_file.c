/* space.h5. */
#include "space/space.h"

#include <string.h>
#include "base/err.h"
#include "h5/file.h"

extern const struct h5_schema h5_schema_space;

#define NAME_SIZE 64                 /* longest name of a choice, with its zero */

static int most_choices(const struct space *s)
{
	int most = 0;

	for (int d = 0; d < s->decisions; d++)
		most = s->decision[d].choices > most ? s->decision[d].choices : most;
	return most;
}

int space_attributes_write(const struct space *s, struct h5_writer *w)
{
	TRY(h5_attr_text(w, "space", s->type->name));
	TRY(h5_attr_text(w, "options", s->settings.options));
	TRY(h5_attr_i64(w, "rows", s->settings.rows));
	TRY(h5_attr_i64(w, "columns", s->settings.columns));
	TRY(h5_attr_i64(w, "channels", s->settings.channels));
	return h5_attr_i64(w, "classes", s->settings.classes);
}

int space_attributes_read(struct space **s, const struct h5_file *f, struct arena *mem)
{
	const struct space_type *type;
	struct space_settings set;
	char *options;

	TRY(h5_get_plugin(f, "space", "space", PLUGIN_TABLE(space_table), &type));
	TRY(h5_get_text(f, "options", mem, &options));
	TRY(h5_get_i64(f, "rows", &set.rows));
	TRY(h5_get_i64(f, "columns", &set.columns));
	TRY(h5_get_i64(f, "channels", &set.channels));
	TRY(h5_get_i64(f, "classes", &set.classes));
	set.options = options;
	*s = space_new(mem, type->name, &set);
	/* the settings are the file's, not the user's */
	return *s ? 0 : err_replace(ERR_DATA, "%s:/: attributes: %s", h5_path(f), err_text());
}

static int write_content(const struct space *s, struct h5_writer *w)
{
	struct arena *mem = s->mem;
	int64_t dims[2] = { s->decisions, most_choices(s) };
	const char **name = ARENA_NEW(mem, const char *, dims[0]);
	int32_t *choices = ARENA_NEW(mem, int32_t, dims[0]);
	uint8_t *mask = ARENA_NEW(mem, uint8_t, dims[0] * dims[1]);
	char *choice = ARENA_NEW(mem, char, dims[0] * dims[1] * NAME_SIZE);

	for (int d = 0; d < s->decisions; d++) {
		name[d] = s->decision[d].name;
		choices[d] = s->decision[d].choices;
		for (int c = 0; c < s->decision[d].choices; c++) {
			int64_t at = d * dims[1] + c;

			mask[at] = s->mask[d][c];
			strncpy(choice + at * NAME_SIZE, s->decision[d].choice[c], NAME_SIZE - 1);
		}
	}
	TRY(space_attributes_write(s, w));
	TRY(h5_write_texts(w, "/decision_name", dims[0], name));
	TRY(h5_write(w, "/choices", H5_I32, 1, dims, choices, 0));
	TRY(h5_write(w, "/choice_name", H5_TEXT, 2, dims, choice, NAME_SIZE));
	return h5_write(w, "/mask", H5_U8, 2, dims, mask, 0);
}

int space_write(const struct space *s, const char *path, const struct h5_recipe *recipe)
{
	struct arena_mark mark = arena_mark(s->mem);
	struct h5_writer *w;
	int status;

	TRY(h5_create(&w, path, &h5_schema_space, recipe));
	status = write_content(s, w);
	arena_rewind(s->mem, mark);
	if (status < 0) {
		h5_abandon(w);
		return status;
	}
	return h5_commit(w);
}

/* Choice names of the file against those of the space: index by index, or encodings would shift. */
static int check_choices(const struct space *s, const struct h5_file *f, struct arena *mem, int64_t columns)
{
	int64_t dims[H5_MAX_RANK];
	size_t size;
	char *row;

	TRY(h5_info(f, "/choice_name", NULL, NULL, dims, &size));
	row = ARENA_NEW(mem, char, (size_t)columns * size + 1);
	for (int d = 0; d < s->decisions; d++) {
		TRY(h5_read_rows(f, "/choice_name", d, 1, row));
		for (int c = 0; c < columns; c++) {
			const char *want = c < s->decision[d].choices ? s->decision[d].choice[c] : "";
			const char *got = row + (size_t)c * size;
			size_t length = strnlen(got, size);

			if (length != strlen(want) || memcmp(got, want, length))
				return err_set(ERR_DATA, "%s:/choice_name: %s, choice %d is \"%.*s\", space %s has \"%s\"; "
				               "make the file again with nas-space", h5_path(f), s->decision[d].name, c,
				               (int)length, got, s->type->name, want);
		}
	}
	return 0;
}

static int check_decisions(const struct space *s, const struct h5_file *f, struct arena *mem, int64_t columns)
{
	int64_t count;
	char **name;
	int32_t *choices;

	TRY(h5_read_texts(f, "/decision_name", mem, &count, &name));
	if (count != s->decisions)
		return err_set(ERR_DATA, "%s:/decision_name: %lld decisions, space %s has %d; make the file again with nas-space",
		               h5_path(f), (long long)count, s->type->name, s->decisions);
	if (columns != most_choices(s))
		return err_set(ERR_DATA, "%s:/mask: %lld columns, space %s has at most %d choices; make the file again with nas-space",
		               h5_path(f), (long long)columns, s->type->name, most_choices(s));
	TRY(h5_read(f, "/choices", H5_I32, mem, &choices));
	for (int d = 0; d < s->decisions; d++) {
		if (strcmp(name[d], s->decision[d].name))
			return err_set(ERR_DATA,
			               "%s:/decision_name: number %d is \"%s\", space %s has \"%s\"; make the file again "
			               "with nas-space", h5_path(f), d, name[d], s->type->name, s->decision[d].name);
		if (choices[d] != s->decision[d].choices)
			return err_set(ERR_DATA, "%s:/choices: %s has %d, space %s has %d; make the file again with nas-space",
			               h5_path(f), name[d], choices[d], s->type->name, s->decision[d].choices);
	}
	return check_choices(s, f, mem, columns);
}

static int read_mask(struct space *s, const struct h5_file *f, const uint8_t *mask, int64_t columns)
{
	for (int d = 0; d < s->decisions; d++) {
		for (int c = 0; c < columns; c++) {
			const int value = mask[d * columns + c], most = c < s->decision[d].choices;

			if (value > most)
				return err_set(ERR_DATA, "%s:/mask: %d for choice %d of %s, expected %s", h5_path(f), value, c,
				               s->decision[d].name, most ? "0 or 1" : "0: there is no such choice");
			if (most)
				s->mask[d][c] = value;
		}
		if (!space_on(s, d))
			return err_set(ERR_DATA, "%s:/mask: every choice of %s is off, expected at least one on",
			               h5_path(f), s->decision[d].name);
	}
	if (!space_inhabited(s))
		return err_set(ERR_DATA, "%s:/mask: no network of space %s is left", h5_path(f), s->type->name);
	return 0;
}

static int read_content(struct space **out, const struct h5_file *f, struct arena *mem)
{
	int64_t dims[H5_MAX_RANK];
	uint8_t *mask;

	TRY(space_attributes_read(out, f, mem));
	TRY(h5_info(f, "/mask", NULL, NULL, dims, NULL));
	TRY(h5_read(f, "/mask", H5_U8, mem, &mask));
	TRY(check_decisions(*out, f, mem, dims[1]));
	return read_mask(*out, f, mask, dims[1]);
}

int space_read(struct space **s, const char *path, struct arena *mem)
{
	struct h5_file *f;
	int status;

	TRY(h5_open(&f, path, &h5_schema_space));
	status = read_content(s, f, mem);
	h5_close(f);
	return status;
}
