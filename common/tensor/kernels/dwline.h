/* Between memory and packed rows (dwrow.h): what is read passes through the normalisation that belongs to
 * it, what is written through the one that follows, while it is in the first-level cache.
 *
 * Parameters of channels come as arrays filled up to whole lines. */
#ifndef TENSOR_KERNELS_DWLINE_H
#define TENSOR_KERNELS_DWLINE_H

#include "tensor/kernels/act.h"
#include "tensor/kernels/dwrow.h"

/* Rows of a tensor, one line of channels, c floats from pixel to pixel. */
struct source { const float *at; int64_t rows, columns, c; int lanes; };

/* Packed rows: the first column, floats from row to row. */
struct packed { float *at; int64_t row; };

/* Vector v of a line of `lanes` channels; the rest is 0. */
INLINE vf get_lanes(const float *p, int v, int lanes)
{
	int n = lanes - v * V;

	if (__builtin_expect(lanes == LINE, 1))
		return load(p + v * V);
	return n >= V ? load(p + v * V) : n > 0 ? load_part(p + v * V, n) : (vf){ 0 };
}

INLINE void put_lanes(float *p, vf x, int v, int lanes)
{
	int n = lanes - v * V;

	if (__builtin_expect(lanes == LINE, 1) || n >= V)
		store(p + v * V, x);
	else if (n > 0)
		store_part(p + v * V, x, n);
}

/* A line of parameters, in registers. */
struct params { vf v[VECTORS]; };

INLINE struct params params(const float *p)
{
	struct params q;

	for (int v = 0; v < VECTORS; v++)
		q.v[v] = load(p + v * V);
	return q;
}

INLINE void put_params(float *p, struct params q)
{
	for (int v = 0; v < VECTORS; v++)
		store(p + v * V, q.v[v]);
}

/* The block for each pixel x of a source and its place `to`. */
#define EACH_PIXEL(s, p, x, to, ...) do { \
		const float *x = (s).at; \
		for (int64_t r_ = 0; r_ < (s).rows; r_++) { \
			float *to = (p).at + r_ * (p).row; \
			for (int64_t q_ = 0; q_ < (s).columns; q_++, x += (s).c, to += LINE) { \
				__VA_ARGS__ \
			} \
		} \
	} while (0)

/* act(scale x + shift), packed. */
static void pack_affine(struct affine in, struct source s, struct packed p)
{
	if (!in.scale) {
		EACH_PIXEL(s, p, x, to, {
			for (int v = 0; v < VECTORS; v++)
				store(to + v * V, get_lanes(x, v, s.lanes));
		});
		return;
	}

	const struct params scale = params(in.scale), shift = params(in.shift);

	WITH_ACT(in.act, A,
		EACH_PIXEL(s, p, x, to, {
			for (int v = 0; v < VECTORS; v++)
				store(to + v * V, affine_value(A, get_lanes(x, v, s.lanes), scale.v[v], shift.v[v]));
		}););
}

/* The same of ka g + kx (y - mean) + k0. */
static void pack_norm_grad(struct norm_grad n, struct source s, struct packed p)
{
	const struct params mean = params(n.mean), ka = params(n.ka), kx = params(n.kx), k0 = params(n.k0);
	const float *y = n.y;

	EACH_PIXEL(s, p, g, to, {
		for (int v = 0; v < VECTORS; v++)
			store(to + v * V, ka.v[v] * get_lanes(g, v, s.lanes) +
			                  (kx.v[v] * (get_lanes(y, v, s.lanes) - mean.v[v]) + k0.v[v]));
		y += s.c;
	});
}

/* Results of one line: `columns` of them at `row`, to pixels c floats apart. */
struct out { const float *row; int64_t columns, c; int lanes; bool stream; };

INLINE void put_result(struct out o, float *p, vf x, int v)
{
	if (o.stream)
		stream(p + v * V, x);
	else
		put_lanes(p, x, v, o.lanes);
}

/* y = beta y + result */
static void finish_plain(struct out o, float beta, float *y)
{
	for (int64_t j = 0; j < o.columns; j++, o.row += LINE, y += o.c)
		for (int v = 0; v < VECTORS; v++) {
			vf z = load(o.row + v * V);

			put_result(o, y, beta == 0 ? z : z + get_lanes(y, v, o.lanes), v);
		}
}

/* y = act(scale result + shift) + add; add NULL for 0 */
static void finish_affine(struct out o, struct affine after, const float *add, float *y)
{
	const struct params scale = params(after.scale), shift = params(after.shift);

	WITH_ACT(after.act, A,
		for (int64_t j = 0; j < o.columns; j++, o.row += LINE)
			for (int v = 0; v < VECTORS; v++) {
				vf z = affine_value(A, load(o.row + v * V), scale.v[v], shift.v[v]);

				put_result(o, y + j * o.c, add ? z + get_lanes(add + j * o.c, v, o.lanes) : z, v);
			});
}

/* y = result; sums of results around a shift, and of squares, grow. */
static void finish_moments(struct out o, const float *shift, float *sum, float *squares, float *y)
{
	struct params s = params(sum), t = params(squares), u = params(shift);

	for (int64_t j = 0; j < o.columns; j++, o.row += LINE, y += o.c)
		for (int v = 0; v < VECTORS; v++) {
			vf z = load(o.row + v * V), d = z - u.v[v];

			s.v[v] += d;
			t.v[v] += d * d;
			put_result(o, y, z, v);
		}
	put_params(sum, s);
	put_params(squares, t);
}

/* dx = (beta dx + result) act'(scale x + shift); its sums, and those of dx (x - mean), grow. */
static void finish_grad(struct out o, struct affine in, const float *mean, const float *x, float beta,
                        float *sum_g, float *sum_gx, float *dx)
{
	const struct params scale = params(in.scale), shift = params(in.shift), m = params(mean);
	struct params s = params(sum_g), t = params(sum_gx);

	WITH_ACT(in.act, A,
		for (int64_t j = 0; j < o.columns; j++, o.row += LINE, x += o.c, dx += o.c)
			for (int v = 0; v < VECTORS; v++) {
				vf z = get_lanes(x, v, o.lanes), g = load(o.row + v * V);

				if (beta != 0)
					g += get_lanes(dx, v, o.lanes);
				g = act_grad(A, z * scale.v[v] + shift.v[v], g);
				s.v[v] += g;
				t.v[v] += g * (z - m.v[v]);
				put_result(o, dx, g, v);
			});
	put_params(sum_g, s);
	put_params(sum_gx, t);
}

#endif
