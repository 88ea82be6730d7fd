/* Activation functions on vectors.  No number stays no number: a diverged run must not look sound. */
#ifndef TENSOR_KERNELS_ACT_H
#define TENSOR_KERNELS_ACT_H

#include "tensor/kernels/kernel.h"

/* exp(x) for x <= 0: 2^n exp(r) with |r| <= ln 2 / 2, x reduced in two parts (Cody and Waite 1980), Taylor's
 * series to r^7; relative error under 2e-7.  Below -87 it is 0. */
INLINE vf vec_exp(vf x)
{
	const float round = 12582912;           /* 1.5 * 2^23: adding it leaves the nearest integer in the low bits */
	vf n = choose(x < -87, splat(-87), x) * 1.44269504f + round;
	vi exponent = ((vi)n - (vi)splat(round)) << 23;
	vf r, p;

	n -= round;
	r = x - n * 0.693359375f;
	r += n * 2.12194440e-4f;
	p = splat(1.f / 5040);
	p = p * r + 1.f / 720;
	p = p * r + 1.f / 120;
	p = p * r + 1.f / 24;
	p = p * r + 1.f / 6;
	p = p * r + .5f;
	p = p * r + 1;
	p = p * r + 1;
	return (vf)(((vi)p + exponent) & ~(x < -87));
}

/* s = sigmoid(z) and 1 - s, both to full relative precision. */
INLINE vf vec_sigmoid(vf z, vf *rest)
{
	vf small = vec_exp((vf)((vi)z | INT32_MIN)), large = 1 / (1 + small);

	small *= large;
	*rest = choose(z < 0, large, small);
	return choose(z < 0, small, large);
}

INLINE vf vec_clamp(vf z, float low, float high)
{
	z = choose(z < splat(low), splat(low), z);
	return choose(z > splat(high), splat(high), z);
}

INLINE vf act_value(enum act act, vf z)
{
	vf rest;

	switch (act) {
	case ACT_RELU: return (vf)((vi)z & ~(z < 0));
	case ACT_RELU6: return vec_clamp(z, 0, 6);
	case ACT_SWISH: return z * vec_sigmoid(z, &rest);
	case ACT_HSWISH: return z * vec_clamp(z + 3, 0, 6) * (1.f / 6);
	case ACT_SIGMOID: return vec_sigmoid(z, &rest);
	case ACT_HSIGMOID: return vec_clamp(z + 3, 0, 6) * (1.f / 6);
	default: return z;
	}
}

/* dy * act'(z) */
INLINE vf act_grad(enum act act, vf z, vf dy)
{
	vf s, rest;

	switch (act) {
	case ACT_RELU: return (vf)((vi)dy & (z > 0));
	case ACT_RELU6: return (vf)((vi)dy & (z > 0) & (z < 6));
	case ACT_SWISH: s = vec_sigmoid(z, &rest); return dy * (s * (1 + z * rest));
	case ACT_HSWISH: s = choose(z < 3, (2 * z + 3) * (1.f / 6), splat(1)); return (vf)((vi)(dy * s) & (z > -3));
	case ACT_SIGMOID: s = vec_sigmoid(z, &rest); return dy * (s * rest);
	case ACT_HSIGMOID: return (vf)((vi)(dy * (1.f / 6)) & (z > -3) & (z < 3));
	default: return dy;
	}
}

/* What the reader of a normalised tensor sees; the same bits wherever it is applied. */
INLINE vf affine_value(enum act act, vf x, vf scale, vf shift)
{
	return rounded(act_value(act, madd(x, scale, shift)));
}

/* A finished gradient of channels c .. c+n-1: see struct norm_grad. */
INLINE vf norm_grad(const struct norm_grad *k, int64_t c, vf g, vf y, int n)
{
	return madd(get(k->ka + c, n), g, madd(get(k->kx + c, n), y - get(k->mean + c, n), get(k->k0 + c, n)));
}

/* The block with A = the value of `which` as a constant. */
#define WITH_ACT(which, A, ...) do { \
		switch (which) { \
		case ACT_RELU: { const enum act A = ACT_RELU; __VA_ARGS__ } break; \
		case ACT_RELU6: { const enum act A = ACT_RELU6; __VA_ARGS__ } break; \
		case ACT_SWISH: { const enum act A = ACT_SWISH; __VA_ARGS__ } break; \
		case ACT_HSWISH: { const enum act A = ACT_HSWISH; __VA_ARGS__ } break; \
		case ACT_SIGMOID: { const enum act A = ACT_SIGMOID; __VA_ARGS__ } break; \
		case ACT_HSIGMOID: { const enum act A = ACT_HSIGMOID; __VA_ARGS__ } break; \
		default: { const enum act A = ACT_NONE; __VA_ARGS__ } break; \
		} \
	} while (0)

#endif
