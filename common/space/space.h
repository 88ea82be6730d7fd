/* A search space: decisions, each with named choices; how a vector of choices becomes a network.
 *
 * An architecture is one choice index per decision (uint8_t) and nothing else, for every space.
 * A shrunk space is the same space with a mask: encodings never change. */
#ifndef SPACE_SPACE_H
#define SPACE_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/plugin.h"
#include "base/rng.h"
#include "nn/graph.h"

#define SPACE_MAX_DECISIONS 64
#define SPACE_MAX_CHOICES 64
#define SPACE_MAX_OPTIONS 16

struct decision { const char *name; int choices; const char *const *choice; };

/* What a space can be told about its networks beyond the shape of the images.  Values are numbers, a word is
 * the number of its place; as text, in settings and files, they are "cells=8:initial-channels=16". */
struct space_option {
	const char *name;
	double value, small;                 /* defaults: the usual one, and one for a quick try */
	double min, max;                     /* of a number, inclusive */
	bool real;                           /* false: whole numbers only */
	const char *const *word;             /* words for 0, 1, ..., NULL at the end; NULL: a number */
	const char *help;
};

struct space_settings {
	int64_t rows, columns, channels;     /* of the images */
	int64_t classes;                     /* 0: cost without a classifier */
	const char *options;                 /* NULL: defaults; in a space: all of them, in the order of the type */
};

/* What a network has only while it is trained from scratch; none of it counts in its cost. */
struct space_training {
	double drop_path;                    /* probability that an image skips an operation, of spaces that have it */
	bool auxiliary;                      /* a second classifier further in: output "auxiliary", where the space has one */
};

struct space {
	const struct space_type *type;
	struct space_settings settings;
	double option[SPACE_MAX_OPTIONS];    /* values, in the order of type->options */
	int decisions;
	const struct decision *decision;
	const void *data;                    /* the type's own, from init */
	struct space_training training;      /* zeros; set in a copy of the space */
	bool mask[SPACE_MAX_DECISIONS][SPACE_MAX_CHOICES];   /* true: on */
	struct arena *mem;
};

struct space_type {
	PLUGIN_HEAD;
	const struct space_option *options;          /* ends with name == NULL */
	/* Fills decisions (and data); ERR_CONFIG when the settings make no network (input too small, ...). */
	int (*init)(struct space *s);
	/* in -> out (may be the same array): codes of the same network get one code. */
	void (*canonical)(const struct space *s, const uint8_t *in, uint8_t *out);
	/* Adds input "image" and the trunk of a canonical code; returns the node of the feature (1 x 1 x c). */
	int (*build)(const struct space *s, const uint8_t *code, struct nn_graph *g);
	/* Code number n of a few whose networks together have every parameter of the space, whatever the mask;
	 * false: there are only n.  space_params looks no further. */
	bool (*cover)(const struct space *s, int n, uint8_t *code);
	/* The customary notation; parse(print(a)) = a.  parse: ERR_DATA names place, expected, found. */
	void (*print)(const struct space *s, const uint8_t *code, char *text, int size);
	int (*parse)(const struct space *s, const char *text, uint8_t *code);
};
extern const struct space_type *const space_table[];

#define SPACE_TEXT 512               /* enough for print */

/* All choices on.  NULL after err_set. */
struct space *space_new(struct arena *mem, const char *type, const struct space_settings *settings);

/* Options as text.  Set: defaults, then what s->settings.options names (of two values the later one holds);
 * ERR_CONFIG names the option and what is allowed.  Part of space_new. */
int space_options_set(struct space *s);
/* `options` behind the small defaults of the type. */
const char *space_options_small(const struct space_type *t, const char *options, struct arena *mem);

/* space.h5; read checks that names and counts are those of the type. */
struct h5_recipe;
struct h5_writer;
struct h5_file;
int space_write(const struct space *s, const char *path, const struct h5_recipe *recipe);
int space_read(struct space **s, const char *path, struct arena *mem);
/* Type and settings as root attributes, in any file that describes a network; read: all choices are on. */
int space_attributes_write(const struct space *s, struct h5_writer *w);
int space_attributes_read(struct space **s, const struct h5_file *f, struct arena *mem);

bool space_legal(const struct space *s, const uint8_t *code);        /* in range, and every choice on */
/* Each decision uniformly among its choices that are on; drawn again (up to 1,000 times) while the
 * canonical form uses a choice that is off.  Not yet canonical. */
void space_uniform(const struct space *s, struct rng *r, uint8_t *code);
int space_on(const struct space *s, int decision);                   /* number of choices on */
uint8_t space_nth_on(const struct space *s, int decision, uint32_t n);   /* the n-th of them, from 0 */
/* The next code in lexicographic order among choices that are on: the last decision turns fastest.  False
 * behind the last code, and then it is the first one. */
bool space_next(const struct space *s, uint8_t *code);
/* Some network's canonical form has only choices that are on.  (A mask may leave none: layer4 kept to a
 * block and layer3 to the identity that would have to move behind it.) */
bool space_inhabited(const struct space *s);
double space_log10_size(const struct space *s);                      /* log10 of the number of codes that are on */
/* Smallest canonical hash: equal networks, equal values. */
uint64_t space_hash(const struct space *s, const uint8_t *code);

/* Trunk of the canonical form of `code`, output "feature"; in mem.  NULL after err_set. */
struct nn_graph *space_graph(const struct space *s, const uint8_t *code, struct arena *mem);
/* The same plus the classifier "head/crossentropy" when settings.classes > 0: multiply-adds and parameters. */
int space_cost(const struct space *s, const uint8_t *code, struct nn_cost *cost);
/* Every parameter of every network of the space, into the store (masked choices too). */
int space_params(const struct space *s, struct nn_store *store);

/* Path samplers: which network trains next.  Smallest plug-in of the layer. */
struct sampler {
	PLUGIN_HEAD;
	/* Draw number `draw` of step `step`, a pure function of its arguments; not yet canonical. */
	void (*draw)(const struct space *s, uint64_t seed, int64_t step, int draw, uint8_t *code);
};
extern const struct sampler *const sampler_table[];

#endif
