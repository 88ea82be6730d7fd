#include "stages/shrink/shrink.h"

#include "base/err.h"
#include "base/log.h"

static void print_table(const struct space *s, const struct shrink_row *row, int64_t rows)
{
	printf("decision\tchoice\ttrials\tquality\tdiversity\tmerit\toff\n");
	for (int64_t i = 0; i < rows; i++)
		printf("%s\t%s\t%lld\t%.6f\t%.6f\t%.6f\t%d\n", s->decision[row[i].decision].name,
		       s->decision[row[i].decision].choice[row[i].choice], (long long)row[i].trials, row[i].quality,
		       row[i].diversity, row[i].merit, row[i].off);
}

static void log_table(const struct space *s, const struct shrink_row *row, int64_t rows)
{
	int64_t off = 0;

	for (int64_t i = 0; i < rows; i++) {
		off += row[i].off;
		log_event("choice", "decision=%s choice=%s trials=%lld quality=%.6f diversity=%.6f merit=%.6f off=%d",
		          s->decision[row[i].decision].name, s->decision[row[i].decision].choice[row[i].choice],
		          (long long)row[i].trials, row[i].quality, row[i].diversity, row[i].merit, row[i].off);
	}
	log_event("shrink", "off=%lld on=%lld log10_size=%.2f", (long long)off, (long long)(rows - off),
	          space_log10_size(s));
}

int shrink(const struct shrink_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	const struct shrinker *shrinker = plugin_find(PLUGIN_TABLE(shrinker_table), "shrinker", a->shrinker);
	struct shrink_row *row;
	struct history h;
	struct space *s;
	int64_t rows;
	int status;

	if (!shrinker)
		return err_code();
	TRY(space_read(&s, a->space, mem));
	TRY(history_read(&h, a->history, s, mem));
	status = shrinker->shrink(s, &h, &a->settings, mem, &row, &rows);
	if (status < 0)
		return err_replace(status, "%s: %s", a->history, err_text());
	if (a->dry_run) {
		print_table(s, row, rows);
		return 0;
	}
	TRY(space_write(s, out, recipe));
	log_table(s, row, rows);
	return 0;
}
