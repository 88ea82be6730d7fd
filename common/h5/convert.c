/* Lossless conversion; see convert.h.  Every type of ours fits either int64_t or double, so an element goes
 * through one of these. */
#include "h5/convert.h"

#include <math.h>
#include <stdbool.h>

struct number { bool whole; int64_t i; double d; };

static struct number fetch(enum h5_type type, const void *source, int64_t k)
{
	switch (type) {
	case H5_U8:  return (struct number){ .whole = true, .i = ((const uint8_t *)source)[k] };
	case H5_U16: return (struct number){ .whole = true, .i = ((const uint16_t *)source)[k] };
	case H5_I32: return (struct number){ .whole = true, .i = ((const int32_t *)source)[k] };
	case H5_I64: return (struct number){ .whole = true, .i = ((const int64_t *)source)[k] };
	case H5_F32: return (struct number){ .d = (double)((const float *)source)[k] };
	default:     return (struct number){ .d = ((const double *)source)[k] };
	}
}

static bool to_whole(const struct number *n, int64_t *value)
{
	if (n->whole)
		*value = n->i;
	else if (n->d >= -0x1p63 && n->d < 0x1p63 && nearbyint(n->d) == n->d)    /* false for NaN */
		*value = (int64_t)n->d;
	else
		return false;
	return true;
}

static bool to_double(const struct number *n, double *value)
{
	*value = n->whole ? (double)n->i : n->d;
	return !n->whole || (*value < 0x1p63 && (int64_t)*value == n->i);
}

static bool store(const struct number *n, enum h5_type type, void *target, int64_t k)
{
	int64_t whole = 0;
	double real = 0;

	if (type == H5_F32 || type == H5_F64) {
		if (!to_double(n, &real))
			return false;
		if (type == H5_F64) {
			((double *)target)[k] = real;
			return true;
		}
		if (isfinite(real) && fabs(real) > 0x1.fffffep127)
			return false;
		((float *)target)[k] = (float)real;
		return isnan(real) || (double)(float)real == real;
	}
	if (!to_whole(n, &whole))
		return false;
	switch (type) {
	case H5_U8:  ((uint8_t *)target)[k] = (uint8_t)whole; return whole >= 0 && whole <= UINT8_MAX;
	case H5_U16: ((uint16_t *)target)[k] = (uint16_t)whole; return whole >= 0 && whole <= UINT16_MAX;
	case H5_I32: ((int32_t *)target)[k] = (int32_t)whole; return whole >= INT32_MIN && whole <= INT32_MAX;
	default:     ((int64_t *)target)[k] = whole; return true;
	}
}

int64_t h5_convert(int64_t count, enum h5_type from, const void *source, enum h5_type to, void *target)
{
	int64_t k;

	for (k = 0; k < count; k++) {
		struct number n = fetch(from, source, k);

		if (!store(&n, to, target, k))
			return k;
	}
	return -1;
}
