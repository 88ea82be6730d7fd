#include "contrast/objective.h"

const struct objective_settings objective_defaults = {
	.temperature = 0.5, .hidden = 256, .embedding = 128, .smoothing = 0, .classes = 0,
};
