/* Writing dataset.h5 and labels.h5 from loaded images. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"
#include "ingest.h"

extern const struct h5_schema h5_schema_dataset, h5_schema_labels;

enum { ROWS = 256 };       /* images gathered for one write */

static const void *pixels(const struct ingest *in, int64_t position)
{
	const size_t bytes = (size_t)(in->h * in->w * in->c) * h5_type_size(in->type);
	return in->images + (size_t)in->order[position].image * bytes;
}

/* Mean and SD of integers from exact sums: n S2 - S1^2 fits in 128 bits, so no order of adding matters. */
static void integer_statistics(const struct ingest *in, double *mean, double *sd, struct arena *mem)
{
	const int64_t c = in->c, size = in->h * in->w * c, n = in->split[DATA_TRAIN] * in->h * in->w;
	uint64_t *sum = ARENA_NEW(mem, uint64_t, c), *square = ARENA_NEW(mem, uint64_t, c);
	for (int64_t i = 0; i < in->split[DATA_TRAIN]; i++) {
		const void *p = pixels(in, i);
		for (int64_t j = 0; j < size; j += c)
			for (int64_t k = 0; k < c; k++) {
				const uint64_t v = in->type == H5_U8 ? ((const uint8_t *)p)[j + k] : ((const uint16_t *)p)[j + k];
				sum[k] += v;
				square[k] += v * v;
			}
	}
	for (int64_t k = 0; k < c; k++) {
		const unsigned __int128 spread = (unsigned __int128)n * square[k] - (unsigned __int128)sum[k] * sum[k];
		mean[k] = (double)sum[k] / (double)n;
		sd[k] = sqrt((double)spread) / (double)n;
	}
}

/* Two passes in double: the mean first, then deviations from it. */
static void float_statistics(const struct ingest *in, double *mean, double *sd)
{
	const int64_t c = in->c, size = in->h * in->w * c, n = in->split[DATA_TRAIN] * in->h * in->w;
	for (int pass = 0; pass < 2; pass++) {
		for (int64_t i = 0; i < in->split[DATA_TRAIN]; i++) {
			const float *p = pixels(in, i);
			for (int64_t j = 0; j < size; j++) {
				const double d = p[j] - (pass ? mean[j % c] : 0);
				*(pass ? &sd[j % c] : &mean[j % c]) += pass ? d * d : d;
			}
		}
		for (int64_t k = 0; k < c; k++)
			if (pass)
				sd[k] = sqrt(sd[k] / (double)n);
			else
				mean[k] /= (double)n;
	}
}

static int write_dataset(const struct ingest *in, struct h5_writer *w, struct arena *mem)
{
	const int64_t dims[] = { in->count, in->h, in->w, in->c };
	const size_t bytes = (size_t)(in->h * in->w * in->c) * h5_type_size(in->type);
	TRY(h5_write_begin(w, "/images", in->type, 4, dims));
	unsigned char *rows = arena_raw(mem, ROWS, bytes);
	for (int64_t i = 0; i < in->count; i += ROWS) {
		const int64_t n = in->count - i < ROWS ? in->count - i : ROWS;
		for (int64_t k = 0; k < n; k++)
			memcpy(rows + (size_t)k * bytes, pixels(in, i + k), bytes);
		TRY(h5_write_rows(w, "/images", i, n, rows));
	}
	uint8_t *split = ARENA_NEW(mem, uint8_t, in->count);
	for (int64_t i = in->split[DATA_TRAIN]; i < in->count; i++)
		split[i] = i < in->split[DATA_TRAIN] + in->split[DATA_VALID] ? DATA_VALID : DATA_TEST;
	TRY(h5_write(w, "/split", H5_U8, 1, &in->count, split, 0));

	double *mean = ARENA_NEW(mem, double, in->c), *sd = ARENA_NEW(mem, double, in->c);
	if (in->type == H5_F32)
		float_statistics(in, mean, sd);
	else
		integer_statistics(in, mean, sd, mem);
	for (int64_t k = 0; k < in->c; k++)
		if (!(sd[k] > 0))
			sd[k] = 1;
	TRY(h5_write(w, "/mean", H5_F64, 1, &in->c, mean, 0));
	return h5_write(w, "/sd", H5_F64, 1, &in->c, sd, 0);
}

static int write_labels(const struct ingest *in, struct h5_writer *w, struct arena *mem)
{
	const struct source *s = &in->source;
	int32_t *label = ARENA_NEW(mem, int32_t, in->count);
	const char **name = ARENA_NEW(mem, const char *, in->count);
	for (int64_t i = 0; i < in->count; i++) {
		label[i] = s->label[in->order[i].image];
		name[i] = in->order[i].name;
	}
	TRY(h5_write(w, "/label", H5_I32, 1, &in->count, label, 0));
	if (s->classes > 0)
		TRY(h5_write_texts(w, "/class_name", s->classes, (const char *const *)s->class_name));
	return h5_write_texts(w, "/source_name", in->count, name);
}

typedef int write_fn(const struct ingest *in, struct h5_writer *w, struct arena *mem);

static int fill(const struct ingest *in, struct h5_writer **w, const char *path,
                const struct h5_schema *schema, const struct h5_recipe *recipe, write_fn *write)
{
	TRY(h5_create(w, path, schema, recipe));
	struct arena *mem = arena_new();
	int code = write(in, *w, mem);
	arena_free(mem);
	return code;
}

/* Both or none: labels of other images than those beside them would do harm. */
int ingest_save(const struct ingest *in, const char *dataset_path, const struct h5_recipe *dataset_recipe,
                const char *labels_path, const struct h5_recipe *labels_recipe)
{
	struct h5_writer *w[2] = { NULL, NULL };
	int code = fill(in, &w[0], labels_path, &h5_schema_labels, labels_recipe, write_labels);
	if (code >= 0)
		code = fill(in, &w[1], dataset_path, &h5_schema_dataset, dataset_recipe, write_dataset);
	if (code >= 0)
		return h5_commit_all(w, 2);
	h5_abandon(w[0]);
	h5_abandon(w[1]);
	return code;
}
