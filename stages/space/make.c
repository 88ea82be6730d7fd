#include "stages/space/make.h"

#include "base/err.h"
#include "base/log.h"
#include "h5/file.h"
#include "space/space.h"

extern const struct h5_schema h5_schema_dataset;

const struct space_args space_defaults = { .space = "macro", .options = "", .classes = 10 };

/* Only the shape: a space does not look at pixels. */
static int image_shape(const char *path, struct space_settings *set)
{
	int64_t dims[H5_MAX_RANK];
	struct h5_file *f;
	int status;

	TRY(h5_open(&f, path, &h5_schema_dataset));
	status = h5_info(f, "/images", NULL, NULL, dims, NULL);
	h5_close(f);
	set->rows = dims[1];
	set->columns = dims[2];
	set->channels = dims[3];
	return status;
}

int make_space(const struct space_args *a, const char *dataset, const char *out,
               const struct h5_recipe *recipe, struct arena *mem)
{
	struct space_settings set = { .classes = a->classes, .options = a->options };
	const struct space_type *type = plugin_find(PLUGIN_TABLE(space_table), "space", a->space);
	struct space *s;

	if (!type)
		return err_code();
	if (a->small)
		set.options = space_options_small(type, a->options, mem);
	TRY(image_shape(dataset, &set));
	s = space_new(mem, a->space, &set);
	if (!s)
		return err_code();
	TRY(space_write(s, out, recipe));
	log_event("space", "name=%s decisions=%d log10_size=%.2f rows=%lld columns=%lld channels=%lld options=%s", a->space,
	          s->decisions, space_log10_size(s), (long long)set.rows, (long long)set.columns,
	          (long long)set.channels, s->settings.options);
	return 0;
}
