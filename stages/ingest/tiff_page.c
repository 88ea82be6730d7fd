/* One page of a TIFF file to (h, w, c) pixels, top left first.
 *
 * Accepted: unsigned 8 and 16 bits, float 32 bits, 1 to 64 samples, any compression this libtiff was built
 * with, strips or tiles, samples interleaved or in planes, eight orientations.  A palette becomes RGB of
 * 8 bits, min-is-white is inverted, YCbCr becomes RGB, SGI LogLuv becomes float. */
#include "tiff.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"

enum { SIDE_MAX = 65536, SAMPLES_MAX = 64, CHUNKS_MAX = 65536 };
static const int64_t PIXELS_MAX = (int64_t)1 << 28, BYTES_MAX = (int64_t)1 << 30;

struct layout {
	uint32_t w, h;
	uint16_t bits, samples, format, photometric, planar, orientation, compression;
	int64_t pixel;          /* bytes of a pixel as stored: of one sample when in planes */
	int planes;             /* passes over the image: samples, or 1 */
	struct ycbcr sub;       /* hs > 0: pieces are stored as YCbCr blocks */
};

static int fail(const struct tiff_error *e, struct picture *p, const char *what)
{
	return e->text[0] ? picture_fail(p, "%s (%s)", what, e->text) : picture_fail(p, "%s", what);
}

/* ---- what the page is --------------------------------------------------------------------------------- */
static void get_format(TIFF *t, struct layout *l)
{
	TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &l->bits);
	TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &l->samples);
	l->format = SAMPLEFORMAT_UINT;
	TIFFGetField(t, TIFFTAG_SAMPLEFORMAT, &l->format);
	if (l->format == SAMPLEFORMAT_VOID)
		l->format = SAMPLEFORMAT_UINT;
}

static int get_type(const struct layout *l, struct picture *p)
{
	if (l->bits == 8 && l->format == SAMPLEFORMAT_UINT)
		p->type = H5_U8;
	else if (l->bits == 16 && l->format == SAMPLEFORMAT_UINT)
		p->type = H5_U16;
	else if (l->bits == 32 && l->format == SAMPLEFORMAT_IEEEFP)
		p->type = H5_F32;
	else if (l->bits == 1)
		return picture_fail(p, "1 bit per sample (black and white): convert it to 8-bit grey");
	else
		return picture_fail(p, "%d bits per sample of %s, expected unsigned 8 or 16 bits, or float of 32", l->bits,
		                    l->format == SAMPLEFORMAT_UINT ? "unsigned integers" :
		                    l->format == SAMPLEFORMAT_INT ? "signed integers" :
		                    l->format == SAMPLEFORMAT_IEEEFP ? "floating-point numbers" : "another kind");
	return 0;
}

static int get_photometric(TIFF *t, struct layout *l, struct picture *p)
{
	l->photometric = PHOTOMETRIC_MINISBLACK;
	TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &l->photometric);
	if (l->compression == COMPRESSION_JPEG && l->photometric == PHOTOMETRIC_YCBCR &&
	    l->planar == PLANARCONFIG_CONTIG) {
		TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
		l->photometric = PHOTOMETRIC_RGB;
	}
	if (l->compression == COMPRESSION_SGILOG || l->compression == COMPRESSION_SGILOG24)
		TIFFSetField(t, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
	get_format(t, l);
	if (l->photometric == PHOTOMETRIC_YCBCR) {
		uint16_t hs = 0, vs = 0;
		TIFFGetFieldDefaulted(t, TIFFTAG_YCBCRSUBSAMPLING, &hs, &vs);
		if (l->planar != PLANARCONFIG_CONTIG || l->samples != 3 || l->bits != 8 || l->format != SAMPLEFORMAT_UINT ||
		    (hs != 1 && hs != 2 && hs != 4) || (vs != 1 && vs != 2 && vs != 4))
			return picture_fail(p, "YCbCr colours in %d samples of %d bits, %d x %d, or in planes: convert it to RGB", l->samples,
			                    l->bits, hs, vs);
		l->sub = (struct ycbcr){ hs, vs };
	}
	if (l->photometric == PHOTOMETRIC_CIELAB || l->photometric == PHOTOMETRIC_ICCLAB ||
	    l->photometric == PHOTOMETRIC_ITULAB)
		return picture_fail(p, "L*a*b* colours: convert it to RGB");
	if (l->photometric == PHOTOMETRIC_MINISWHITE && l->format == SAMPLEFORMAT_IEEEFP)
		return picture_fail(p, "float samples of which the least is white: no value is black; convert it to min-is-black");
	return 0;
}

static int get_layout(TIFF *t, const struct tiff_error *e, struct layout *l, struct picture *p)
{
	if (!TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &l->w) || !TIFFGetField(t, TIFFTAG_IMAGELENGTH, &l->h))
		return fail(e, p, "no width or height");
	if (l->w < 1 || l->h < 1 || l->w > SIDE_MAX || l->h > SIDE_MAX || (int64_t)l->w * l->h > PIXELS_MAX)
		return picture_fail(p, "%u rows x %u columns, expected 1 to %d each and 2^28 pixels at most", l->h,
		                    l->w, SIDE_MAX);
	TIFFGetFieldDefaulted(t, TIFFTAG_COMPRESSION, &l->compression);
	if (!TIFFIsCODECConfigured(l->compression))
		return picture_fail(p, "compression %d, which this libtiff cannot read", l->compression);
	TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &l->planar);
	TIFFGetFieldDefaulted(t, TIFFTAG_ORIENTATION, &l->orientation);
	get_format(t, l);
	if (l->bits != 1)
		if (get_photometric(t, l, p) < 0)
			return ERR_DATA;
	if (get_type(l, p) < 0)
		return ERR_DATA;
	if (l->samples < 1 || l->samples > SAMPLES_MAX)
		return picture_fail(p, "%d samples per pixel, expected 1 to %d", l->samples, SAMPLES_MAX);
	if (l->photometric == PHOTOMETRIC_PALETTE && (l->samples != 1 || p->type == H5_F32))
		return picture_fail(p, "a palette with %d samples of %d bits, expected one of 8 or 16 bits",
		                    l->samples, l->bits);
	if ((int64_t)l->w * l->h * l->samples * (l->bits / 8) > BYTES_MAX)
		return picture_fail(p, "%u rows x %u columns of %d samples take %lld MiB, at most 1024 are read", l->h, l->w, l->samples,
		                    (long long)(((int64_t)l->w * l->h * l->samples * (l->bits / 8)) >> 20));
	l->planes = l->planar == PLANARCONFIG_SEPARATE ? l->samples : 1;
	l->pixel = (int64_t)(l->bits / 8) * (l->samples / l->planes);
	return 0;
}

/* ---- pixels as stored ------------------------------------------------------------------------------------ */
/* Bytes of a decoded piece. */
static int64_t piece_bytes(const struct layout *l, int64_t rows, int64_t columns)
{
	return l->sub.hs ? ycbcr_bytes(&l->sub, rows, columns) : rows * columns * l->pixel;
}

/* The piece as interleaved pixels: itself, or unpacked into `room`. */
static const unsigned char *piece_pixels(const struct layout *l, const unsigned char *piece, int64_t rows,
                                         int64_t columns, unsigned char *room)
{
	if (!l->sub.hs)
		return piece;
	ycbcr_unpack(&l->sub, piece, rows, columns, room);
	return room;
}

/* A decoded piece of `rows` x `columns` pixels, whose rows lie `pitch` pixels apart, to its place. */
static void place(const struct layout *l, int plane, const unsigned char *piece, int64_t pitch, int64_t y0,
                  int64_t x0, int64_t rows, int64_t columns, unsigned char *out)
{
	const int64_t whole = l->pixel * l->planes;      /* bytes of a pixel in out */
	for (int64_t y = 0; y < rows; y++) {
		const unsigned char *from = piece + y * pitch * l->pixel;
		unsigned char *to = out + ((y0 + y) * l->w + x0) * whole + plane * l->pixel;
		if (l->planes == 1)
			memcpy(to, from, (size_t)(columns * whole));
		else
			for (int64_t x = 0; x < columns; x++)
				memcpy(to + x * whole, from + x * l->pixel, (size_t)l->pixel);
	}
}

/* libtiff reads an uncompressed piece of a size that it works out itself, from offset 0 when the file does
 * not say where the piece lies: bytes of the header would become pixels. */
static int check_piece(TIFF *t, const struct layout *l, uint32_t k, int64_t size, struct picture *p)
{
	const uint64_t offset = TIFFGetStrileOffset(t, k), bytes = TIFFGetStrileByteCount(t, k);
	if (offset == 0 || bytes == 0)
		return picture_fail(p, "piece %u of the image is missing", k);
	if (l->compression == COMPRESSION_NONE && bytes < (uint64_t)size)
		return picture_fail(p, "piece %u of the image has %llu bytes, expected %lld", k,
		                    (unsigned long long)bytes, (long long)size);
	return 0;
}

static int read_strips(TIFF *t, const struct tiff_error *e, const struct layout *l, struct arena *mem,
                       struct picture *p, unsigned char *out)
{
	uint32_t height = l->h;
	TIFFGetFieldDefaulted(t, TIFFTAG_ROWSPERSTRIP, &height);
	if (height == 0 || height > l->h)
		height = l->h;
	const int64_t each = (l->h + (int64_t)height - 1) / height, bytes = piece_bytes(l, height, l->w);
	if (each * l->planes > CHUNKS_MAX || TIFFNumberOfStrips(t) != each * l->planes)
		return picture_fail(p, "%u strips, expected %lld and at most %d", TIFFNumberOfStrips(t),
		                    (long long)(each * l->planes), CHUNKS_MAX);
	if (bytes > TIFF_CHUNK_MAX)
		return picture_fail(p, "a strip of %lld MiB, at most 64 are read: store it in smaller strips",
		                    (long long)(bytes >> 20));
	unsigned char *strip = arena_raw(mem, (size_t)bytes, 1), *room = l->sub.hs ? arena_raw(mem, height, l->w * 3) : NULL;
	for (int plane = 0; plane < l->planes; plane++)
		for (int64_t k = 0; k < each; k++) {
			const int64_t y = k * height, rows = l->h - y < height ? l->h - y : height;
			const int64_t size = piece_bytes(l, rows, l->w);
			if (TIFFVStripSize(t, (uint32_t)rows) != size)
				return fail(e, p, "the size of its strips does not fit width and samples");
			TRY(check_piece(t, l, (uint32_t)(plane * each + k), size, p));
			if (TIFFReadEncodedStrip(t, (uint32_t)(plane * each + k), strip, size) != size)
				return fail(e, p, "damaged strip");
			place(l, plane, piece_pixels(l, strip, rows, l->w, room), l->w, y, 0, rows, l->w, out);
		}
	return 0;
}

static int read_tiles(TIFF *t, const struct tiff_error *e, const struct layout *l, struct arena *mem,
                      struct picture *p, unsigned char *out)
{
	uint32_t tw = 0, th = 0;
	TIFFGetField(t, TIFFTAG_TILEWIDTH, &tw);
	TIFFGetField(t, TIFFTAG_TILELENGTH, &th);
	if (tw < 1 || th < 1 || tw > SIDE_MAX || th > SIDE_MAX)
		return picture_fail(p, "tiles of %u x %u", th, tw);
	const int64_t bytes = piece_bytes(l, th, tw);
	if (bytes > TIFF_CHUNK_MAX)
		return picture_fail(p, "a tile of %lld MiB, at most 64 are read: store it in smaller tiles",
		                    (long long)(bytes >> 20));
	if (TIFFNumberOfTiles(t) > CHUNKS_MAX)
		return picture_fail(p, "%u tiles, at most %d are read", TIFFNumberOfTiles(t), CHUNKS_MAX);
	if (TIFFTileSize(t) != bytes)
		return fail(e, p, "the size of its tiles does not fit their sides and samples");
	unsigned char *tile = arena_raw(mem, (size_t)bytes, 1), *room = l->sub.hs ? arena_raw(mem, th, tw * 3) : NULL;
	for (int plane = 0; plane < l->planes; plane++)
		for (int64_t y = 0; y < l->h; y += th)
			for (int64_t x = 0; x < l->w; x += tw) {
				const uint32_t k = TIFFComputeTile(t, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane);
				TRY(check_piece(t, l, k, bytes, p));
				if (TIFFReadEncodedTile(t, k, tile, bytes) != bytes)
					return fail(e, p, "damaged tile");
				place(l, plane, piece_pixels(l, tile, th, tw, room), tw, y, x, l->h - y < th ? l->h - y : th,
				      l->w - x < tw ? l->w - x : tw, out);
			}
	return 0;
}

/* ---- pixels as meant -------------------------------------------------------------------------------------- */
/* Palette entries have 16 bits; files whose entries are all below 256 mean 8 bits. */
static int expand_palette(TIFF *t, const struct layout *l, struct arena *mem, struct picture *p)
{
	uint16_t *map[3];
	if (!TIFFGetField(t, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
		return picture_fail(p, "a palette image without palette");
	int shift = 0;
	for (int k = 0; k < 3; k++)
		for (int64_t i = 0; i < (int64_t)1 << l->bits; i++)
			if (map[k][i] > 255)
				shift = 8;
	const int64_t n = p->h * p->w;
	uint8_t *rgb = arena_raw(mem, (size_t)n, 3);
	for (int64_t i = 0; i < n; i++) {
		const int index = p->type == H5_U8 ? ((const uint8_t *)p->data)[i] : ((const uint16_t *)p->data)[i];
		for (int k = 0; k < 3; k++)
			rgb[3 * i + k] = (uint8_t)(map[k][index] >> shift);
	}
	p->data = rgb, p->c = 3, p->type = H5_U8;
	return 0;
}

static void invert(struct picture *p)
{
	const int64_t n = p->h * p->w * p->c;
	for (int64_t i = 0; i < n; i++)
		if (p->type == H5_U8)
			((uint8_t *)p->data)[i] = (uint8_t)(255 - ((uint8_t *)p->data)[i]);
		else
			((uint16_t *)p->data)[i] = (uint16_t)(65535 - ((uint16_t *)p->data)[i]);
}

static int check_finite(struct picture *p)
{
	const float *v = p->data;
	for (int64_t i = 0; i < p->h * p->w * p->c; i++)
		if (!isfinite(v[i]))
			return picture_fail(p, "row %lld, column %lld, channel %lld is not a finite number",
			                    (long long)(i / p->c / p->w), (long long)(i / p->c % p->w), (long long)(i % p->c));
	return 0;
}

/* Orientations (TIFF 6.0, page 36): where row 0 and column 0 of the file are seen.
 *   1 top left   2 top right   3 bottom right   4 bottom left   5 left top  6 right top  7 right bottom  8 left bottom
 * From 5 on rows of the file are columns of the picture. */
static void orient(const struct layout *l, struct arena *mem, struct picture *p)
{
	const int o = l->orientation;
	if (o < 2 || o > 8)
		return;
	const bool swap = o >= 5;
	const bool right = o == 2 || o == 3 || o == 6 || o == 7, bottom = o == 3 || o == 4 || o == 7 || o == 8;
	const size_t pixel = (size_t)p->c * h5_type_size(p->type);
	const int64_t H = swap ? p->w : p->h, W = swap ? p->h : p->w;
	unsigned char *out = arena_raw(mem, (size_t)(H * W), pixel);
	for (int64_t y = 0; y < p->h; y++)
		for (int64_t x = 0; x < p->w; x++) {
			int64_t Y = swap ? x : y, X = swap ? y : x;
			if (right)
				X = W - 1 - X;
			if (bottom)
				Y = H - 1 - Y;
			memcpy(out + (size_t)(Y * W + X) * pixel, (const char *)p->data + (size_t)(y * p->w + x) * pixel, pixel);
		}
	p->data = out, p->h = H, p->w = W;
}

int tiff_page(TIFF *t, const struct tiff_error *e, struct arena *mem, struct picture *p)
{
	struct layout l = { 0 };
	TRY(get_layout(t, e, &l, p));
	p->h = l.h, p->w = l.w, p->c = l.samples;
	p->data = arena_raw(mem, picture_bytes(p), 1);
	TRY(TIFFIsTiled(t) ? read_tiles(t, e, &l, mem, p, p->data) : read_strips(t, e, &l, mem, p, p->data));
	if (l.photometric == PHOTOMETRIC_PALETTE)
		TRY(expand_palette(t, &l, mem, p));
	if (l.photometric == PHOTOMETRIC_MINISWHITE)
		invert(p);
	if (p->type == H5_F32)
		TRY(check_finite(p));
	if (l.sub.hs)
		TRY(ycbcr_to_rgb(t, p));
	orient(&l, mem, p);
	return 0;
}
