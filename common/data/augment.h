/* Augmentations: one file each in data/augments/, applied in the order of a recipe text.
 *
 * Images are float, (h, w, c), normalised (mean 0, SD 1 per channel), so that 0 is the mean colour and
 * padding is 0.  Colour operations work on deviations and are sensible for any number of channels:
 * brightness and contrast for all; saturation, hue and greyscale only where c == 3 (elsewhere greyscale
 * is the identity and saturation / hue are skipped). */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include <stdint.h>
#include "base/arena.h"
#include "base/plugin.h"
#include "base/rng.h"

struct image { int64_t h, w, c; float *data; };

#define AUGMENT_MAX_ARGS 6
struct augment {
	PLUGIN_HEAD;
	/* Names, defaults and ranges of arguments: "hflip(p=0.5)". */
	struct augment_arg { const char *name; double value, min, max; } arg[AUGMENT_MAX_ARGS];
	/* In place; scratch holds 4 images of the same size.  Draws a fixed number of words or not, as it
	 * likes: each augmentation of each image has its own stream. */
	void (*apply)(const double *arg, struct image *im, struct rng *r, float *scratch);
};
extern const struct augment *const augment_table[];

struct augment_step { const struct augment *augment; double arg[AUGMENT_MAX_ARGS]; };
struct augment_list { int count; struct augment_step step[16]; };

/* Parses "rrcrop(scale=0.2) hflip jitter(p=0.8)": space-separated, arguments by name, defaults filled in.
 * A name of a preset stands for its list.  "none" or "" is the empty list.  ERR_USAGE names the word. */
int augment_parse(const char *text, struct augment_list *list);
/* Presets: "none", "crop" (padcrop hflip), "contrast" (SimCLR-like), "contrast-noup" (also vflip and rot90). */
const char *augment_preset(const char *name);          /* its text, or NULL */

/* Applies the list to one image; stream = ("augment/<k>/<name>", seed, sample, epoch, view). */
void augment_apply(const struct augment_list *list, struct image *im, uint64_t seed, uint32_t sample,
                   uint32_t epoch, uint32_t view, float *scratch);

#endif
