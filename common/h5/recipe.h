/* A recipe: how a file was made.  Stage and version, recorded options sorted by name, inputs as role
 * and digest.  As text, one fact a line:
 *
 *   stage nas-propose 1
 *   option k 16
 *   option strategy tpe
 *   input history 0123456789abcdef0123456789abcdef
 *   input space ...
 *
 * Two files with the same recipe, made by the same engine, have the same bytes. */
#ifndef H5_RECIPE_H
#define H5_RECIPE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/opt.h"

struct h5_recipe {
	char *text;                  /* as above, ends with a newline */
	struct digest digest;        /* hash128 of the text */
};

struct h5_recipe_input { const char *role; struct digest digest; };

/* Inputs are kept in the given order within a role; roles are sorted. */
struct h5_recipe h5_recipe_make(struct arena *mem, const char *stage, int version,
                                const struct opt *options, const struct h5_recipe_input *inputs, int n_inputs);

/* "option lr: 0.05 there, 0.1 now" for the first differing line, for make explain. */
void h5_recipe_difference(const char *there, const char *now, char *text, int size);

#endif
