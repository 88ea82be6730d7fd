#include "search/selection.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"

extern const struct h5_schema h5_schema_selection;

static int write_members(const struct space *s, const struct trial *const *member, int64_t members,
                         struct h5_writer *w, struct arena *mem)
{
	int64_t dims[2] = { members, s->decisions };
	int64_t *id = ARENA_NEW(mem, int64_t, members), *macs = ARENA_NEW(mem, int64_t, members);
	int64_t *params = ARENA_NEW(mem, int64_t, members);
	uint8_t *arch = ARENA_NEW(mem, uint8_t, members * s->decisions);
	double *score = ARENA_NEW(mem, double, members);
	const char **text = ARENA_NEW(mem, const char *, members);

	for (int64_t i = 0; i < members; i++) {
		char code[SPACE_TEXT];

		id[i] = member[i]->id;
		macs[i] = member[i]->macs;
		params[i] = member[i]->params;
		score[i] = member[i]->score;
		memcpy(arch + i * s->decisions, member[i]->code, (size_t)s->decisions);
		s->type->print(s, member[i]->code, code, sizeof code);
		text[i] = arena_strdup(mem, code);
	}
	TRY(h5_write(w, "/trial", H5_I64, 1, dims, id, 0));
	TRY(h5_write(w, "/arch", H5_U8, 2, dims, arch, 0));
	TRY(h5_write_texts(w, "/code", members, text));
	TRY(h5_write(w, "/score", H5_F64, 1, dims, score, 0));
	TRY(h5_write(w, "/macs", H5_I64, 1, dims, macs, 0));
	return h5_write(w, "/params", H5_I64, 1, dims, params, 0);
}

int selection_write(const struct space *s, const struct trial *const *member, int64_t members,
                    const char *pick, const char *path, const struct h5_recipe *recipe)
{
	struct arena *mem;
	struct h5_writer *w;
	int status;

	TRY(h5_create(&w, path, &h5_schema_selection, recipe));
	mem = arena_new();
	status = h5_attr_text(w, "pick", pick);
	if (status >= 0)
		status = space_attributes_write(s, w);
	if (status >= 0)
		status = write_members(s, member, members, w, mem);
	arena_free(mem);
	if (status < 0) {
		h5_abandon(w);
		return status;
	}
	return h5_commit(w);
}

static int read_members(struct selection *out, const struct h5_file *f, struct arena *mem)
{
	const struct space *s = out->space;
	int64_t dims[H5_MAX_RANK], *id, *macs, *params;
	uint8_t *arch;
	double *score;

	TRY(h5_info(f, "/arch", NULL, NULL, dims, NULL));
	if (dims[0] < 1 || dims[1] != s->decisions)
		return err_set(ERR_DATA, "%s:/arch: %lld x %lld, expected at least one member and %d decisions",
		               h5_path(f), (long long)dims[0], (long long)dims[1], s->decisions);
	TRY(h5_read(f, "/trial", H5_I64, mem, &id));
	TRY(h5_read(f, "/arch", H5_U8, mem, &arch));
	TRY(h5_read(f, "/score", H5_F64, mem, &score));
	TRY(h5_read(f, "/macs", H5_I64, mem, &macs));
	TRY(h5_read(f, "/params", H5_I64, mem, &params));
	out->members = (struct history){ .decisions = s->decisions, .count = dims[0] };
	out->members.trial = ARENA_NEW(mem, struct trial, dims[0]);
	for (int64_t i = 0; i < dims[0]; i++) {
		const uint8_t *code = arch + i * s->decisions;

		if (!space_legal(s, code))
			return err_set(ERR_DATA, "%s:/arch: member %lld has a choice that space %s lacks",
			               h5_path(f), (long long)i + 1, s->type->name);
		out->members.trial[i] = (struct trial){
			.id = id[i], .origin = -1, .status = TRIAL_DONE, .code = code, .score = score[i], .loss = NAN, .top1 = NAN,
			.macs = macs[i], .params = params[i],
		};
	}
	return 0;
}

int selection_read(struct selection *out, const char *path, struct arena *mem)
{
	struct h5_file *f;
	int status;

	TRY(h5_open(&f, path, &h5_schema_selection));
	status = h5_get_text(f, "pick", mem, &out->pick);
	if (status >= 0)
		status = space_attributes_read(&out->space, f, mem);
	if (status >= 0)
		status = read_members(out, f, mem);
	h5_close(f);
	return status;
}
