/* Files that appear whole or not at all.
 *
 *   tempfile_open(&t, "results/a/space.h5")   creates results/a/.space.h5.tmp.HOST.PID.N in the
 *                                             same folder (which is made if needed)
 *   ... write to t.path ...
 *   tempfile_commit(&t)                       fsync, rename, fsync of the folder
 *   tempfile_drop(&t)                         remove it (also after a failed commit); idempotent
 *
 * A temporary file that is open when the program exits or is told to stop by a signal is removed;
 * those of dead processes of this host are swept by tempfile_sweep() (HOST is 8 digits of a hash of its name:
 * on a shared file system, process numbers of other hosts say nothing). */
#ifndef BASE_TEMPFILE_H
#define BASE_TEMPFILE_H

struct tempfile {
	char *path;     /* the temporary name */
	char *target;
	int slot;       /* in the list that exit handlers walk; -1 = none */
};

int tempfile_open(struct tempfile *t, const char *target);
int tempfile_sync(const struct tempfile *t);        /* fsync alone: what commit begins with */
int tempfile_commit(struct tempfile *t);
void tempfile_drop(struct tempfile *t);
void tempfile_drop_all(void);                       /* async-signal-safe */
int tempfile_sweep(const char *folder);             /* removes leftovers of processes that are gone */

/* Writes text as a whole file by the same rules. */
int tempfile_write_text(const char *target, const char *text);

/* mkdir -p; 0 if it exists already. */
int make_folder(const char *path);

#endif
