/* libhdf5: settings, types, errors. */
#include "h5/internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/err.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct h5_settings shared;
static bool ready;

/* Object times would make two runs differ; V110 has checksums in its metadata; locks fail on many network
 * file systems, and files are never updated anyway.  Filter plug-ins could be code of others. */
static void initialise(void)
{
	unsigned int no_plugins = 0;

	if (H5dont_atexit() < 0 || H5open() < 0 || H5Eset_auto2(H5E_DEFAULT, NULL, NULL) < 0)
		return;
	if (H5PLset_loading_state(no_plugins) < 0)
		return;
	shared.access = H5Pcreate(H5P_FILE_ACCESS);
	shared.create = H5Pcreate(H5P_FILE_CREATE);
	shared.group = H5Pcreate(H5P_GROUP_CREATE);
	ready = shared.access >= 0 && shared.create >= 0 && shared.group >= 0 &&
	        H5Pset_libver_bounds(shared.access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0 &&
	        H5Pset_file_locking(shared.access, 0, 1) >= 0 &&
	        H5Pset_fclose_degree(shared.access, H5F_CLOSE_SEMI) >= 0 &&
	        H5Pset_userblock(shared.create, H5_USERBLOCK) >= 0 &&
	        H5Pset_obj_track_times(shared.create, 0) >= 0 && H5Pset_obj_track_times(shared.group, 0) >= 0;
}

void h5_look_for_memory(void)
{
	struct arena *mem = arena_new();

	arena_raw(mem, 4 << 20, 1);
	arena_free(mem);
}

int h5_settings(struct h5_settings *s)
{
	pthread_once(&once, initialise);
	if (!ready)
		return err_set(ERR_INTERNAL, "libhdf5 does not start; expected version 1.10.7 or later, headers are %s",
		               H5_VERS_INFO);
	*s = shared;
	return 0;
}

static hid_t text_type(size_t size)
{
	hid_t t = H5Tcopy(H5T_C_S1);

	if (t >= 0 && (H5Tset_size(t, size ? size : 1) < 0 || H5Tset_strpad(t, H5T_STR_NULLPAD) < 0 ||
	               H5Tset_cset(t, H5T_CSET_UTF8) < 0)) {
		H5Tclose(t);
		return H5I_INVALID_HID;
	}
	return t;
}

hid_t h5_stored_type(enum h5_type type, size_t text_size)
{
	switch (type) {
	case H5_U8:   return H5Tcopy(H5T_STD_U8LE);
	case H5_U16:  return H5Tcopy(H5T_STD_U16LE);
	case H5_I32:  return H5Tcopy(H5T_STD_I32LE);
	case H5_I64:  return H5Tcopy(H5T_STD_I64LE);
	case H5_F32:  return H5Tcopy(H5T_IEEE_F32LE);
	case H5_F64:  return H5Tcopy(H5T_IEEE_F64LE);
	case H5_TEXT: return text_type(text_size);
	}
	return H5I_INVALID_HID;
}

hid_t h5_memory_type(enum h5_type type, size_t text_size)
{
	switch (type) {
	case H5_U8:   return H5Tcopy(H5T_NATIVE_UINT8);
	case H5_U16:  return H5Tcopy(H5T_NATIVE_UINT16);
	case H5_I32:  return H5Tcopy(H5T_NATIVE_INT32);
	case H5_I64:  return H5Tcopy(H5T_NATIVE_INT64);
	case H5_F32:  return H5Tcopy(H5T_NATIVE_FLOAT);
	case H5_F64:  return H5Tcopy(H5T_NATIVE_DOUBLE);
	case H5_TEXT: return text_type(text_size);
	}
	return H5I_INVALID_HID;
}

enum h5_type h5_type_of(hid_t type, size_t *text_size)
{
	static const enum h5_type numbers[] = { H5_U8, H5_U16, H5_I32, H5_I64, H5_F32, H5_F64 };
	size_t i;

	*text_size = 0;
	if (H5Tget_class(type) == H5T_STRING) {
		if (H5Tis_variable_str(type) != 0)
			return 0;
		*text_size = H5Tget_size(type);
		return *text_size ? H5_TEXT : 0;
	}
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		hid_t ours = h5_stored_type(numbers[i], 0);
		htri_t same = H5Tequal(type, ours);

		H5Tclose(ours);
		if (same > 0)
			return numbers[i];
	}
	return 0;
}

size_t h5_type_size(enum h5_type type)
{
	switch (type) {
	case H5_U8:   return 1;
	case H5_U16:  return 2;
	case H5_I32:  return 4;
	case H5_F32:  return 4;
	case H5_I64:  return 8;
	case H5_F64:  return 8;
	case H5_TEXT: return 0;
	}
	return 0;
}

/* ---- errors: libhdf5 keeps a stack of them; the innermost says most ---- */

/* number: errno of the system call that failed, or 0; memory: an allocation did */
struct reason { char text[200]; int number; bool memory; };

static herr_t read_stack(unsigned int n, const H5E_error2_t *e, void *arg)
{
	struct reason *r = arg;
	const char *number = e->desc ? strstr(e->desc, " errno = ") : NULL;
	char *end;

	if (number && !r->number)
		r->number = (int)strtol(number + strlen(" errno = "), NULL, 10);
	r->memory |= e->maj_num == H5E_RESOURCE;
	if (n == 0 && e->desc) {
		snprintf(r->text, sizeof r->text, "%s", e->desc);
		end = strstr(r->text, ": time = ");
		if (end)
			*end = '\0';
	}
	return 0;
}

static struct reason take_reason(void)
{
	struct reason r = { .text = "no reason given" };

	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, read_stack, &r);
	H5Eclear2(H5E_DEFAULT);
	return r;
}

/* The machine failed, not the file's content. */
static bool is_system(const struct reason *r)
{
	return r->number || r->memory;
}

static int system_failed(const struct reason *r, const char *file, const char *place, const char *doing)
{
	if (r->memory)
		return err_set(ERR_INTERNAL, "%s: cannot %s: out of memory: %s", file, doing, r->text);
	if (r->number == ENOSPC || r->number == EDQUOT) {
		errno = r->number;
		return err_system(ERR_IO, file, doing);
	}
	return err_set(ERR_IO, "%s%s%s: cannot %s: %s: %s", file, place && *place ? ":" : "", place ? place : "",
	               doing, r->text, strerror(r->number));
}

int h5_failed(int code, const char *file, const char *place, const char *doing)
{
	struct reason r = take_reason();

	if (is_system(&r))
		return system_failed(&r, file, place, doing);
	return err_set(code, "%s%s%s: cannot %s: %s", file, place && *place ? ":" : "", place ? place : "", doing,
	               r.text);
}

bool h5_answer(htri_t there, const char *file, const char *place)
{
	struct reason r;

	if (there >= 0)
		return there > 0;
	r = take_reason();
	if (is_system(&r))
		die_on(system_failed(&r, file, place, "look for it"));
	return false;
}
