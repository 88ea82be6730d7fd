/* Best fit: the smallest free range that is large enough, cut to size; free neighbours are joined.  The
 * walk forward and back is nearly a stack, so little is lost between ranges. */
#include "nn/plan.h"

enum { LINE = 16 };              /* floats */

static struct nn_range *range_new(struct nn_space *s, size_t first, size_t floats, struct nn_range *next)
{
	struct nn_range *r = s->unused;

	if (r)
		s->unused = r->next;
	else
		r = ARENA_NEW(s->mem, struct nn_range, 1);
	*r = (struct nn_range){ first, floats, next };
	return r;
}

/* Takes *link out of its list; what it held is no longer a range. */
static void drop(struct nn_space *s, struct nn_range **link)
{
	struct nn_range *r = *link;

	*link = r->next;
	r->next = s->unused;
	s->unused = r;
}

struct nn_range *nn_range_take(struct nn_space *s, size_t floats)
{
	struct nn_range **best = NULL, **link;

	floats = (floats + LINE - 1) / LINE * LINE;
	for (link = &s->spare; *link; link = &(*link)->next)
		if ((*link)->floats >= floats && (!best || (*link)->floats < (*best)->floats))
			best = link;
	if (!best) {             /* the space grows, by what its free end lacks */
		for (link = &s->spare; *link && (*link)->next; link = &(*link)->next)
			;
		if (!*link || (*link)->first + (*link)->floats < s->floats) {
			link = *link ? &(*link)->next : link;
			*link = range_new(s, s->floats, 0, NULL);
		}
		s->floats += floats - (*link)->floats;
		(*link)->floats = floats;
		best = link;
	}
	struct nn_range *r = range_new(s, (*best)->first, floats, NULL);
	(*best)->first += floats;
	(*best)->floats -= floats;
	if (!(*best)->floats)
		drop(s, best);
	return r;
}

void nn_range_give(struct nn_space *s, struct nn_range *r)
{
	struct nn_range **link = &s->spare;

	while (*link && (*link)->first + (*link)->floats < r->first)
		link = &(*link)->next;
	if (*link && (*link)->first + (*link)->floats == r->first) {
		(*link)->floats += r->floats;            /* joins the one before */
		r->next = s->unused;
		s->unused = r;
	} else {
		r->next = *link;
		*link = r;
	}
	struct nn_range *here = *link, *after = here->next;
	if (after && here->first + here->floats == after->first) {
		here->floats += after->floats;
		drop(s, &here->next);
	}
}
