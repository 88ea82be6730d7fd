/* Which network nas-retrain trains. */
#ifndef STAGES_RETRAIN_CHOSEN_H
#define STAGES_RETRAIN_CHOSEN_H

#include "space/space.h"

/* Member number `member` (from 1) of selection.h5: its space (all choices on) and canonical code. */
int chosen_member(const char *selection, int64_t member, struct arena *mem, struct space **s, uint8_t *code);
/* An architecture as text in the space of space.h5. */
int chosen_text(const char *space, const char *text, struct arena *mem, struct space **s, uint8_t *code);

#endif
