#include "stages/select/choose.h"

#include "base/err.h"
#include "base/log.h"
#include "search/pick.h"
#include "search/selection.h"

const struct choose_args choose_defaults = { .pick = "best" };

int choose(const struct choose_args *a, const char *out, const struct h5_recipe *recipe, struct arena *mem)
{
	struct caps caps = { a->max_macs, a->max_params };
	const struct trial **member;
	int64_t members;
	struct history h;
	struct space *s;
	int status;

	TRY(pick_check(a->pick, &members));
	TRY(space_read(&s, a->space, mem));
	TRY(history_read(&h, a->history, s, mem));
	status = pick(a->pick, &h, s, &caps, mem, &member, &members);
	if (status < 0)
		return err_replace(status, "%s: %s", a->history, err_text());
	TRY(selection_write(s, member, members, a->pick, out, recipe));
	for (int64_t i = 0; i < members; i++) {
		char text[SPACE_TEXT];

		s->type->print(s, member[i]->code, text, sizeof text);
		log_event("member", "number=%lld trial=%lld code=%s score=%.6g macs=%lld params=%lld", (long long)i + 1,
		          (long long)member[i]->id, text, member[i]->score, (long long)member[i]->macs, (long long)member[i]->params);
	}
	return 0;
}
