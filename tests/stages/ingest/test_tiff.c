/* TIFF files written here by libtiff itself, in every way the reader promises to read. */
#include "scratch.h"

#include <tiffio.h>

struct page {
	uint32_t w, h;
	uint16_t bits, samples, format, photometric, planar, compression, orientation;
	uint32_t tile, rows;            /* tile 0: strips of `rows` */
	uint32_t kind;                  /* SUBFILETYPE */
};

static struct page page(uint32_t h, uint32_t w, uint16_t bits, uint16_t samples)
{
	return (struct page){ .w = w, .h = h, .bits = bits, .samples = samples,
		.format = bits == 32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT,
		.photometric = samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK, .planar = PLANARCONFIG_CONTIG,
		.compression = COMPRESSION_NONE, .orientation = ORIENTATION_TOPLEFT, .rows = 5 };
}

/* Smooth enough for lossy codecs, different in every pixel and sample. */
static double value(const struct page *p, int64_t y, int64_t x, int64_t k)
{
	const double v = (double)(3 * y + 5 * x + 17 * k + 11);
	if (p->bits == 8)
		return fmod(v, 256);
	return p->bits == 16 ? fmod(v * 257 + 3, 65536) : v / 7 - 3;
}

static void store(const struct page *p, void *to, double v)
{
	if (p->bits == 8)
		*(uint8_t *)to = (uint8_t)v;
	else if (p->bits == 16)
		*(uint16_t *)to = (uint16_t)v;
	else
		*(float *)to = (float)v;
}

/* A block of `rows` x `columns` pixels from (y0, x0), of one plane or all, into buf; what lies outside is 0. */
static void block(const struct page *p, int64_t y0, int64_t x0, int64_t rows, int64_t columns, int plane, char *buf)
{
	const int n = p->planar == PLANARCONFIG_SEPARATE ? 1 : p->samples, size = p->bits / 8;
	for (int64_t y = 0; y < rows; y++)
		for (int64_t x = 0; x < columns; x++)
			for (int k = 0; k < n; k++, buf += size)
				store(p, buf, y0 + y < p->h && x0 + x < p->w ? value(p, y0 + y, x0 + x, n == 1 ? plane : k) : 0);
}

static void set_tags(TIFF *t, const struct page *p)
{
	TIFFSetField(t, TIFFTAG_IMAGEWIDTH, p->w);
	TIFFSetField(t, TIFFTAG_IMAGELENGTH, p->h);
	TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, p->bits);
	TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, p->samples);
	TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, p->format);
	TIFFSetField(t, TIFFTAG_PHOTOMETRIC, p->photometric);
	TIFFSetField(t, TIFFTAG_PLANARCONFIG, p->planar);
	TIFFSetField(t, TIFFTAG_ORIENTATION, p->orientation);
	TIFFSetField(t, TIFFTAG_COMPRESSION, p->compression);
	if (p->kind)
		TIFFSetField(t, TIFFTAG_SUBFILETYPE, p->kind);
	if (p->photometric == PHOTOMETRIC_RGB && p->samples > 3) {
		uint16_t extra[64] = { 0 };
		TIFFSetField(t, TIFFTAG_EXTRASAMPLES, p->samples - 3, extra);
	}
	if (p->tile) {
		TIFFSetField(t, TIFFTAG_TILEWIDTH, p->tile);
		TIFFSetField(t, TIFFTAG_TILELENGTH, p->tile);
	} else
		TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, p->rows);
}

static void write_pixels(TIFF *t, const struct page *p)
{
	static char buf[1 << 20];
	const int planes = p->planar == PLANARCONFIG_SEPARATE ? p->samples : 1;
	const int64_t pixel = p->bits / 8 * (planes == 1 ? p->samples : 1);
	for (int plane = 0; plane < planes; plane++)
		if (p->tile) {
			for (uint32_t y = 0; y < p->h; y += p->tile)
				for (uint32_t x = 0; x < p->w; x += p->tile) {
					block(p, y, x, p->tile, p->tile, plane, buf);
					const uint32_t k = TIFFComputeTile(t, x, y, 0, (uint16_t)plane);
					assert_true(TIFFWriteEncodedTile(t, k, buf, (int64_t)p->tile * p->tile * pixel) >= 0);
				}
		} else {
			for (uint32_t y = 0; y < p->h; y += p->rows) {
				const int64_t rows = p->h - y < p->rows ? p->h - y : p->rows;
				block(p, y, 0, rows, p->w, plane, buf);
				const uint32_t k = TIFFComputeStrip(t, y, (uint16_t)plane);
				assert_true(TIFFWriteEncodedStrip(t, k, buf, rows * p->w * pixel) >= 0);
			}
		}
}

static void put_tiff(const char *name, const char *mode, const struct page *p)
{
	TIFF *t = TIFFOpen(at(name), mode);
	assert_non_null(t);
	set_tags(t, p);
	write_pixels(t, p);
	TIFFClose(t);
}

/* Reads image i of a file; the code of read. */
static int get_image(const char *name, int64_t i, int64_t *images, struct picture *p)
{
	struct source s;
	const struct source_options o = { 0 };
	const char *path = arena_strdup(scratch.mem, at(name));
	assert_ok(source_open(&s, path, scratch.mem));
	assert_ok(s.kind->prepare(&s, &o, scratch.pool, scratch.mem));
	if (images)
		*images = s.images;
	*p = (struct picture){ 0 };
	const int code = s.kind->read(&s, i, scratch.mem, p);
	source_close(&s);
	return code;
}

static double pixel(const struct picture *p, int64_t i)
{
	return p->type == H5_U8 ? ((uint8_t *)p->data)[i] : p->type == H5_U16 ? ((uint16_t *)p->data)[i] : ((float *)p->data)[i];
}

/* Written as `p` says, read back: every value within tolerance. */
static void check(const char *what, const struct page *p, double tolerance)
{
	struct picture got;
	if (get_image("x.tif", 0, NULL, &got) < 0)
		fail_msg("%s: %s", what, got.reason);
	assert_int_equal(got.h, p->h);
	assert_int_equal(got.w, p->w);
	assert_int_equal(got.c, p->samples);
	assert_int_equal(got.type, p->bits == 8 ? H5_U8 : p->bits == 16 ? H5_U16 : H5_F32);
	for (int64_t i = 0; i < got.h * got.w * got.c; i++) {
		const int64_t y = i / got.c / got.w, x = i / got.c % got.w, k = i % got.c;
		const double want = p->bits == 32 ? (float)value(p, y, x, k) : value(p, y, x, k);
		if (!(fabs(pixel(&got, i) - want) <= tolerance))
			fail_msg("%s: (%d, %d, %d) is %g, expected %g", what, (int)y, (int)x, (int)k, pixel(&got, i), want);
	}
}

static void strips_tiles_planes_types_and_byte_orders(void **state)
{
	(void)state;
	static const char *const modes[] = { "wl", "wb", "wl8", "wb8" };        /* 8: BigTIFF */
	static const uint16_t bits[] = { 8, 16, 32 }, samples[] = { 1, 2, 3, 4, 5, 64 };
	for (int m = 0; m < 4; m++)
		for (int b = 0; b < 3; b++)
			for (int s = 0; s < 6; s++)
				for (int tiled = 0; tiled < 2; tiled++)
					for (int separate = 0; separate < 2; separate++) {
						struct page p = page(19, 37, bits[b], samples[s]);
						char what[100];
						p.tile = tiled ? 16 : 0;
						p.planar = separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG;
						snprintf(what, sizeof(what), "%s %d bits %d samples tiled %d separate %d", modes[m], bits[b],
						         samples[s], tiled, separate);
						put_tiff("x.tif", modes[m], &p);
						check(what, &p, 0);
					}
}

/* Codecs without loss, on every type they take; the rest have tests of their own or hold one bit only. */
static void every_codec_of_this_libtiff(void **state)
{
	(void)state;
	enum { LOSSLESS, ELSEWHERE, ONE_BIT };
	static const struct { uint16_t scheme; int how; } known[] = {
		{ COMPRESSION_NONE, LOSSLESS }, { COMPRESSION_LZW, LOSSLESS }, { COMPRESSION_PACKBITS, LOSSLESS },
		{ COMPRESSION_ADOBE_DEFLATE, LOSSLESS }, { COMPRESSION_DEFLATE, LOSSLESS }, { COMPRESSION_LZMA, LOSSLESS },
		{ COMPRESSION_ZSTD, LOSSLESS }, { COMPRESSION_LERC, LOSSLESS },
		{ COMPRESSION_JPEG, ELSEWHERE }, { COMPRESSION_WEBP, ELSEWHERE }, { COMPRESSION_PIXARLOG, ELSEWHERE },
		{ COMPRESSION_SGILOG, ELSEWHERE }, { COMPRESSION_SGILOG24, ELSEWHERE },
		{ COMPRESSION_OJPEG, ONE_BIT },                               /* libtiff cannot write it */
		{ COMPRESSION_CCITTRLE, ONE_BIT }, { COMPRESSION_CCITTRLEW, ONE_BIT }, { COMPRESSION_CCITTFAX3, ONE_BIT },
		{ COMPRESSION_CCITTFAX4, ONE_BIT }, { COMPRESSION_JBIG, ONE_BIT }, { COMPRESSION_NEXT, ONE_BIT },
		{ COMPRESSION_THUNDERSCAN, ONE_BIT },
	};
	TIFFCodec *codec = TIFFGetConfiguredCODECs();
	int tried = 0;
	for (TIFFCodec *c = codec; c->name; c++) {
		size_t k = 0;
		while (k < sizeof(known) / sizeof(known[0]) && known[k].scheme != c->scheme)
			k++;
		if (k == sizeof(known) / sizeof(known[0]))
			fail_msg("this libtiff has codec %s (%d), which no test covers", c->name, c->scheme);
		if (known[k].how != LOSSLESS)
			continue;
		tried++;
		for (int bits = 8; bits <= 32; bits *= 2)
			for (int way = 0; way < 4; way++) {
				struct page p = page(19, 37, (uint16_t)bits, 3);
				p.compression = c->scheme;
				p.tile = way & 1 ? 16 : 0;
				p.planar = way & 2 ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG;
				put_tiff("x.tif", "w", &p);
				check(c->name, &p, 0);
			}
	}
	_TIFFfree(codec);
	assert_true(tried >= 4);
}

static void predictors_are_undone(void **state)
{
	(void)state;
	for (int bits = 8; bits <= 32; bits *= 2) {
		struct page q = page(19, 37, (uint16_t)bits, 5);
		q.compression = COMPRESSION_ADOBE_DEFLATE;
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		set_tags(t, &q);
		TIFFSetField(t, TIFFTAG_PREDICTOR, bits == 32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
		write_pixels(t, &q);
		TIFFClose(t);
		check("predictor", &q, 0);
	}
}

/* JPEG: grey, RGB as such, and YCbCr with subsampled colours, which must come back as RGB. */
static void jpeg_comes_back_as_rgb(void **state)
{
	(void)state;
	for (int way = 0; way < 6; way++) {
		struct page p = page(32, 48, 8, way % 3 == 0 ? 1 : 3);
		p.compression = COMPRESSION_JPEG, p.rows = 16, p.tile = way < 3 ? 0 : 16;
		if (way % 3 == 2)
			p.photometric = PHOTOMETRIC_YCBCR;
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		if (!TIFFIsCODECConfigured(COMPRESSION_JPEG)) {
			TIFFClose(t);
			skip();
		}
		set_tags(t, &p);
		TIFFSetField(t, TIFFTAG_JPEGQUALITY, 100);
		if (way % 3 == 2)
			TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
		write_pixels(t, &p);
		TIFFClose(t);
		/* 3 y + 5 x stays below 256 on 32 x 48 but for the last corner, where it wraps; compare before it */
		struct picture got;
		assert_int_equal(get_image("x.tif", 0, NULL, &got), 0);
		assert_int_equal(got.c, p.samples);
		for (int64_t y = 0; y < 16; y++)
			for (int64_t x = 0; x < 24; x++)
				for (int64_t k = 0; k < got.c; k++)
					assert_near(pixel(&got, (y * got.w + x) * got.c + k) / 256, value(&p, y, x, k) / 256, 4. / 256);
	}
}

/* YCbCr without JPEG: blocks of hs x vs luma, then Cb and Cr, as section 21 of TIFF 6.0 lays them out; the
 * colours by its equations with the default coefficients 0.299, 0.587, 0.114. */
static void ycbcr_blocks_become_rgb(void **state)
{
	(void)state;
	enum { W = 38, H = 21, ROWS = 8 };
	static const int shape[][2] = { { 1, 1 }, { 2, 1 }, { 2, 2 }, { 4, 2 }, { 4, 4 } };
	for (int way = 0; way < 10; way++) {
		const int hs = shape[way / 2][0], vs = shape[way / 2][1];
		struct page p = page(H, W, 8, 3);
		p.photometric = PHOTOMETRIC_YCBCR, p.rows = ROWS, p.tile = way % 2 ? 16 : 0;
		p.compression = way % 3 ? COMPRESSION_LZW : COMPRESSION_NONE;
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		set_tags(t, &p);
		TIFFSetField(t, TIFFTAG_YCBCRSUBSAMPLING, hs, vs);
		const int rows = p.tile ? 16 : ROWS, columns = p.tile ? 16 : W;
		for (int y0 = 0; y0 < H; y0 += rows)
			for (int x0 = 0; x0 < W; x0 += columns) {
				uint8_t buf[4096], *b = buf;
				const int high = p.tile || H - y0 > rows ? rows : H - y0;
				for (int y = y0; y < y0 + high; y += vs)
					for (int x = x0; x < x0 + columns; x += hs) {
						for (int i = 0; i < hs * vs; i++)
							*b++ = (uint8_t)(40 + 3 * (y + i / hs) + 2 * (x + i % hs));
						*b++ = (uint8_t)(100 + x / hs);
						*b++ = (uint8_t)(150 - y / vs);
					}
				const int64_t n = b - buf;
				if (p.tile)
					assert_int_equal(TIFFWriteEncodedTile(t, TIFFComputeTile(t, (uint32_t)x0, (uint32_t)y0, 0, 0), buf, n), n);
				else
					assert_int_equal(TIFFWriteEncodedStrip(t, TIFFComputeStrip(t, (uint32_t)y0, 0), buf, n), n);
			}
		TIFFClose(t);
		struct picture got;
		if (get_image("x.tif", 0, NULL, &got) < 0)
			fail_msg("%d x %d: %s", hs, vs, got.reason);
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++) {
				const double luma = 40 + 3 * y + 2 * x, cb = 100 + x / hs - 128, cr = 150 - y / vs - 128;
				const double want[3] = { luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb };
				for (int k = 0; k < 3; k++)
					assert_near(pixel(&got, 3 * (y * W + x) + k) / 256, fmin(fmax(want[k], 0), 255) / 256, 0.51 / 256);
			}
	}
}

static void webp_without_loss(void **state)
{
	(void)state;
	if (!TIFFIsCODECConfigured(COMPRESSION_WEBP))
		skip();
	for (int samples = 3; samples <= 4; samples++) {
		struct page p = page(20, 25, 8, (uint16_t)samples);     /* no alpha of 0: colours there are not kept */
		p.compression = COMPRESSION_WEBP;
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		set_tags(t, &p);
		TIFFSetField(t, TIFFTAG_WEBP_LOSSLESS, 1);
		write_pixels(t, &p);
		TIFFClose(t);
		check("webp", &p, 0);
	}
}

/* libtiff declares every PixarLog file as one of 8 bits, whatever went in; 11 bits, logarithmic. */
static void pixarlog_within_its_precision(void **state)
{
	(void)state;
	if (!TIFFIsCODECConfigured(COMPRESSION_PIXARLOG))
		skip();
	struct page p = page(19, 37, 8, 3);
	p.compression = COMPRESSION_PIXARLOG;
	put_tiff("x.tif", "w", &p);
	check("pixarlog", &p, 1);
}

/* LogL and LogLuv decode to luminance and CIE XYZ as float. */
static void sgi_log_becomes_float(void **state)
{
	(void)state;
	if (!TIFFIsCODECConfigured(COMPRESSION_SGILOG))
		skip();
	for (int way = 0; way < 3; way++) {
		const int n = way == 0 ? 1 : 3;
		float line[3 * 8];
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		struct page p = page(4, 8, 32, (uint16_t)n);
		p.photometric = n == 1 ? PHOTOMETRIC_LOGL : PHOTOMETRIC_LOGLUV;
		p.compression = way == 2 ? COMPRESSION_SGILOG24 : COMPRESSION_SGILOG;
		set_tags(t, &p);
		TIFFSetField(t, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
		for (uint32_t y = 0; y < 4; y++) {
			for (uint32_t i = 0; i < 8 * (uint32_t)n; i++)
				line[i] = (float)(0.1 + 0.05 * (double)(8 * y + i / (uint32_t)n));
			assert_true(TIFFWriteScanline(t, line, y, 0) >= 0);
		}
		TIFFClose(t);
		struct picture got;
		assert_int_equal(get_image("x.tif", 0, NULL, &got), 0);
		assert_int_equal(got.type, H5_F32);
		assert_int_equal(got.c, n);
		for (int64_t i = 0; i < 32 * n; i++) {
			const double want = 0.1 + 0.05 * (double)(i / n);
			assert_near(pixel(&got, i) / want, 1, 0.03);
		}
	}
}

/* The picture a b c / d e f as each orientation must show it. */
static void all_eight_orientations(void **state)
{
	(void)state;
	static const char *const want[8] = { "abcdef", "cbafed", "fedcba", "defabc", "adbecf", "daebfc", "fcebda", "cfbead" };
	for (int o = 1; o <= 8; o++) {
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		struct page p = page(2, 3, 8, 1);
		p.orientation = (uint16_t)o, p.rows = 2;
		set_tags(t, &p);
		char stored[] = "abcdef";
		assert_int_equal(TIFFWriteEncodedStrip(t, 0, stored, 6), 6);
		TIFFClose(t);
		struct picture got;
		assert_int_equal(get_image("x.tif", 0, NULL, &got), 0);
		assert_int_equal(got.h, o < 5 ? 2 : 3);
		assert_int_equal(got.w, o < 5 ? 3 : 2);
		assert_memory_equal(got.data, want[o - 1], 6);
	}
}

static void min_is_white_is_inverted(void **state)
{
	(void)state;
	struct picture got;
	struct page p = page(3, 4, 8, 1);
	p.photometric = PHOTOMETRIC_MINISWHITE;
	put_tiff("x.tif", "w", &p);
	assert_int_equal(get_image("x.tif", 0, NULL, &got), 0);
	for (int i = 0; i < 12; i++)
		assert_near(pixel(&got, i), 255 - value(&p, i / 4, i % 4, 0), 0);
	p.bits = 16;
	put_tiff("x.tif", "w", &p);
	assert_int_equal(get_image("x.tif", 0, NULL, &got), 0);
	for (int i = 0; i < 12; i++)
		assert_near(pixel(&got, i), 65535 - value(&p, i / 4, i % 4, 0), 0);
}

/* Entries of 16 bits lose their low byte; a map whose entries are all below 256 holds 8-bit values. */
static void a_palette_becomes_rgb(void **state)
{
	(void)state;
	static uint16_t map[3][65536];
	for (int way = 0; way < 3; way++) {
		const int bits = way == 2 ? 16 : 8;
		for (int i = 0; i < 1 << bits; i++)
			for (int k = 0; k < 3; k++)
				map[k][i] = (uint16_t)(way == 1 ? (i * (k + 2)) % 256 : (i * (k + 2) * 259 + 300) % 65536);
		struct page p = page(5, 6, (uint16_t)bits, 1);
		p.photometric = PHOTOMETRIC_PALETTE;
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		set_tags(t, &p);
		TIFFSetField(t, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
		write_pixels(t, &p);
		TIFFClose(t);
		struct picture got;
		assert_int_equal(get_image("x.tif", 0, NULL, &got), 0);
		assert_int_equal(got.type, H5_U8);
		assert_int_equal(got.c, 3);
		for (int i = 0; i < 90; i++) {
			const uint16_t entry = map[i % 3][(int)value(&p, i / 18, i / 3 % 6, 0)];
			assert_near(pixel(&got, i), way == 1 ? entry : entry / 256, 0);
		}
	}
}

/* The page is refused, and the reason contains the text. */
static void refused(const struct page *p, const char *text)
{
	static char zeros[1 << 17];
	struct picture got;
	TIFF *t = TIFFOpen(at("x.tif"), "w");
	set_tags(t, p);
	for (uint32_t k = 0; k < TIFFNumberOfStrips(t); k++)
		TIFFWriteEncodedStrip(t, k, zeros, TIFFStripSize(t));
	TIFFClose(t);
	assert_int_equal(get_image("x.tif", 0, NULL, &got), ERR_DATA);
	if (!strstr(got.reason, text))
		fail_msg("\"%s\" lacks \"%s\"", got.reason, text);
}

static void what_cannot_be_used_is_refused_with_its_reason(void **state)
{
	(void)state;
	struct page p = page(8, 8, 1, 1);
	refused(&p, "1 bit per sample");
	p.compression = COMPRESSION_CCITTFAX4;
	refused(&p, "1 bit per sample");
	p = page(8, 8, 4, 1);
	refused(&p, "4 bits per sample of unsigned");
	p = page(8, 8, 12, 1);
	refused(&p, "12 bits");
	p = page(8, 8, 16, 1);
	p.format = SAMPLEFORMAT_INT;
	refused(&p, "signed");
	p = page(8, 8, 32, 1);
	p.format = SAMPLEFORMAT_UINT;
	refused(&p, "32 bits per sample of unsigned");
	p = page(8, 8, 64, 1);
	p.format = SAMPLEFORMAT_IEEEFP;
	refused(&p, "64 bits per sample of floating-point");
	p = page(8, 8, 8, 65);
	p.photometric = PHOTOMETRIC_MINISBLACK;
	refused(&p, "65 samples");
	p = page(8, 8, 8, 3);
	p.photometric = PHOTOMETRIC_CIELAB;
	refused(&p, "L*a*b*");
	p = page(8, 8, 32, 1);
	p.photometric = PHOTOMETRIC_MINISWHITE;
	refused(&p, "white");
	p = page(1, 65537, 8, 1);
	refused(&p, "65537 columns");
}

static void a_number_that_is_not_finite_is_named(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		float v[12] = { 0 };
		v[7] = way ? NAN : -INFINITY;
		struct page p = page(2, 3, 32, 2);
		TIFF *t = TIFFOpen(at("x.tif"), "w");
		set_tags(t, &p);
		assert_int_equal(TIFFWriteEncodedStrip(t, 0, v, sizeof(v)), sizeof(v));
		TIFFClose(t);
		struct picture got;
		assert_int_equal(get_image("x.tif", 0, NULL, &got), ERR_DATA);
		assert_string_equal(got.reason, "row 1, column 0, channel 1 is not a finite number");
	}
}

static void damaged_files_are_refused(void **state)
{
	(void)state;
	struct picture got;
	static unsigned char data[1 << 16];
	put("x.tif", "this is a letter, not an image", 30);
	assert_int_equal(get_image("x.tif", 0, NULL, &got), ERR_DATA);
	assert_non_null(strstr(got.reason, "TIFF"));
	put("x.tif", "", 0);
	assert_int_equal(get_image("x.tif", 0, NULL, &got), ERR_DATA);
	assert_true(got.reason[0]);
	/* pixel data first, directory last: any cut takes the directory, so cut pixels by moving the directory */
	for (int compressed = 0; compressed < 2; compressed++) {
		struct page p = page(64, 64, 8, 3);
		p.compression = compressed ? COMPRESSION_LZW : COMPRESSION_NONE;
		put_tiff("x.tif", "w", &p);
		FILE *f = fopen(at("x.tif"), "rb");
		const size_t size = fread(data, 1, sizeof(data), f);
		fclose(f);
		for (size_t cut = 0; cut < size; cut += size / 23) {
			put("x.tif", data, cut);
			assert_int_equal(get_image("x.tif", 0, NULL, &got), ERR_DATA);
			assert_true(got.reason[0]);
		}
	}
	/* every single damaged byte of the directory: read or refused, never a crash (the sanitizers watch) */
	struct page p = page(16, 16, 8, 3);
	p.compression = COMPRESSION_ADOBE_DEFLATE;
	put_tiff("good.tif", "w", &p);
	FILE *f = fopen(at("good.tif"), "rb");
	const size_t size = fread(data, 1, sizeof(data), f);
	fclose(f);
	for (size_t i = 0; i < size; i++)
		for (int bit = 1; bit < 256; bit *= 16) {
			data[i] ^= (unsigned char)bit;
			put("x.tif", data, size);
			const struct arena_mark mark = arena_mark(scratch.mem);
			get_image("x.tif", 0, NULL, &got);
			arena_rewind(scratch.mem, mark);
			data[i] ^= (unsigned char)bit;
		}
}

/* Pages in file order; reduced copies and masks are none; a broken chain spoils the file. */
static void each_page_is_an_image(void **state)
{
	(void)state;
	static const uint32_t kinds[] = { FILETYPE_REDUCEDIMAGE, 0, FILETYPE_PAGE, FILETYPE_MASK, 0, FILETYPE_REDUCEDIMAGE };
	TIFF *t = TIFFOpen(at("pages.tif"), "w");
	for (int i = 0; i < 6; i++) {
		struct page p = page(4, (uint32_t)(10 + i), 8, 1);
		p.kind = kinds[i];
		set_tags(t, &p);
		write_pixels(t, &p);
		TIFFWriteDirectory(t);
	}
	TIFFClose(t);
	struct picture got;
	int64_t images;
	static const int width[] = { 11, 12, 14 };
	for (int i = 0; i < 3; i++) {
		assert_int_equal(get_image("pages.tif", i, &images, &got), 0);
		assert_int_equal(images, 3);
		assert_int_equal(got.w, width[i]);
	}
	FILE *f = fopen(at("pages.tif"), "r+b");
	fseek(f, -4, SEEK_END);                     /* next directory of the last page: beyond the end */
	assert_int_equal(fwrite("\xff\xff\xff\x7f", 1, 4, f), 4);
	fclose(f);
	const int code = get_image("pages.tif", 0, &images, &got);
	assert_true(code == ERR_DATA || images == 3);
}

int main(void)
{
	TIFFSetWarningHandler(NULL);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strips_tiles_planes_types_and_byte_orders),
		cmocka_unit_test(every_codec_of_this_libtiff),
		cmocka_unit_test(predictors_are_undone),
		cmocka_unit_test(jpeg_comes_back_as_rgb),
		cmocka_unit_test(ycbcr_blocks_become_rgb),
		cmocka_unit_test(webp_without_loss),
		cmocka_unit_test(pixarlog_within_its_precision),
		cmocka_unit_test(sgi_log_becomes_float),
		cmocka_unit_test(all_eight_orientations),
		cmocka_unit_test(min_is_white_is_inverted),
		cmocka_unit_test(a_palette_becomes_rgb),
		cmocka_unit_test(what_cannot_be_used_is_refused_with_its_reason),
		cmocka_unit_test(a_number_that_is_not_finite_is_named),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(each_page_is_an_image),
	};
	return cmocka_run_group_tests(tests, scratch_open, scratch_close);
}
