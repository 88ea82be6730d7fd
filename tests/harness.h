/* What every test includes: CMocka in its required order, and assertions that print both numbers. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"

/* |got - want| <= tolerance * max(1, |want|) */
#define assert_near(got, want, tolerance) do { \
	double got_ = (got), want_ = (want), tol_ = (tolerance); \
	if (!(fabs(got_ - want_) <= tol_ * (fabs(want_) > 1 ? fabs(want_) : 1))) \
		fail_msg("%s = %.17g, expected %.17g within %g", #got, got_, want_, tol_); } while (0)

/* The call succeeded; prints its message otherwise. */
#define assert_ok(call) do { int code_ = (call); \
	if (code_ < 0) fail_msg("%s: %d: %s", #call, code_, err_text()); } while (0)

/* The call failed with this code and its message contains the text. */
#define assert_fails(call, code, text) do { int code_ = (call); \
	if (code_ != (code)) fail_msg("%s returned %d, expected %d (%s)", #call, code_, (int)(code), err_text()); \
	if (!strstr(err_text(), (text))) fail_msg("message \"%s\" lacks \"%s\"", err_text(), (text)); \
	err_clear(); } while (0)

#endif
