/* Architectures from a text file (lines.h), whatever their values.  Candidate i of a call is the i-th code of
 * the file. */
#include "search/strategy.h"

#include "base/err.h"
#include "search/lines.h"

/* The line of code number `place`: 1, 0 when there is none. */
static int find(struct lines *l, int64_t place)
{
	int status;

	do
		status = lines_next(l);
	while (status > 0 && place--);
	return status;
}

static int accept(const struct ask *a, const struct lines *l, uint8_t *code)
{
	const struct space *s = a->space;
	const struct caps *caps = &a->settings->caps;
	uint8_t raw[SPACE_MAX_DECISIONS];
	int allowed;

	if (s->type->parse(s, l->code, raw) < 0)
		return err_replace(ERR_DATA, "%s:%d: %s", l->path, l->number, err_text());
	s->type->canonical(s, raw, code);
	for (int d = 0; d < s->decisions; d++)
		if (!s->mask[d][code[d]])
			return err_set(ERR_DATA, "%s:%d: architecture \"%s\" uses %s of %s, which is switched off in this space",
			               l->path, l->number, l->code, s->decision[d].choice[code[d]], s->decision[d].name);
	allowed = caps_allow(s, caps, code);
	if (!allowed)
		return err_set(ERR_DATA, "%s:%d: architecture \"%s\" is over the caps (--max-macs %lld, --max-params %lld; 0: none); "
		               "take it out or raise them", l->path, l->number, l->code, (long long)caps->macs,
		               (long long)caps->params);
	return allowed < 0 ? allowed : 0;
}

static int list_propose(const struct ask *a, int64_t id, struct rng *r, uint8_t *code)
{
	struct lines l;
	int status;

	(void)r;
	if (!a->settings->file)
		return err_set(ERR_USAGE, "strategy list needs --list FILE, a text file with one architecture per line");
	TRY(lines_open(&l, a->settings->file));
	status = find(&l, id - a->first_id);
	status = status > 0 ? accept(a, &l, code) : status < 0 ? status : 1;
	lines_close(&l);
	return status;
}

const struct strategy strategy_list = {
	.name = "list", .summary = "architectures from a text file", .propose = list_propose, .repeats = true,
};
