/* Stores and batch-norm statistics in files: "/param/<name>", "/stat/<call site>/mean" and ".../var". */
#ifndef NN_PARAMS_H
#define NN_PARAMS_H

#include "h5/file.h"
#include "nn/net.h"
#include "nn/store.h"

/* Every parameter of the store below `group` ("/param"), four-dimensional. */
int nn_params_write(struct h5_writer *w, const char *group, const struct nn_store *s);

/* Fills the store from `group`.  Every name of the store must be there in its shape, else ERR_DATA;
 * names beginning with `may_lack` ("head/ntxent/"; NULL: none) keep their values when the file lacks them.
 * Names that only the file has are ignored. */
int nn_params_read(const struct h5_file *f, const char *group, struct nn_store *s, const char *may_lack);

/* Finished statistics (nn_stats_finish). */
int nn_stats_write(struct h5_writer *w, const char *group, const struct nn_stats *s);
int nn_stats_read(const struct h5_file *f, const char *group, struct nn_stats *s);

#endif
