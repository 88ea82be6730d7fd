#include "base/err.h"
#include "h5/file.h"
#include "stages/retrain/chosen.h"

extern const struct h5_schema h5_schema_selection;

static int member_read(const struct h5_file *f, int64_t member, struct arena *mem, struct space **s, uint8_t *code)
{
	struct space_settings set;
	char *name;
	int64_t dims[H5_MAX_RANK];
	TRY(h5_get_text(f, "space", mem, &name));
	TRY(h5_get_f64(f, "width", &set.width));
	TRY(h5_get_i64(f, "rows", &set.rows));
	TRY(h5_get_i64(f, "columns", &set.columns));
	TRY(h5_get_i64(f, "channels", &set.channels));
	TRY(h5_get_i64(f, "classes", &set.classes));
	*s = space_new(mem, name, &set);
	if (!*s)
		return err_code();
	TRY(h5_info(f, "/arch", NULL, NULL, dims, NULL));
	if (dims[1] != (*s)->decisions)
		return err_set(ERR_DATA, "%s:/arch: %lld decisions, expected %d as in space %s", h5_path(f), (long long)dims[1],
		               (*s)->decisions, name);
	if (member > dims[0])
		return err_set(ERR_USAGE, "--member: %lld, expected 1 .. %lld: that many networks are in %s", (long long)member,
		               (long long)dims[0], h5_path(f));
	TRY(h5_read_rows(f, "/arch", member - 1, 1, code));
	if (!space_legal(*s, code))
		return err_set(ERR_DATA, "%s:/arch: member %lld is not an architecture of space %s", h5_path(f), (long long)member, name);
	return 0;
}

int chosen_member(const char *selection, int64_t member, struct arena *mem, struct space **s, uint8_t *code)
{
	struct h5_file *f;
	TRY(h5_open(&f, selection, &h5_schema_selection));
	int status = member_read(f, member, mem, s, code);
	h5_close(f);
	if (status >= 0)
		(*s)->type->canonical(*s, code, code);
	return status;
}

int chosen_text(const char *space, const char *text, struct arena *mem, struct space **s, uint8_t *code)
{
	TRY(space_read(s, space, mem));
	TRY((*s)->type->parse(*s, text, code));
	(*s)->type->canonical(*s, code, code);
	return 0;
}
