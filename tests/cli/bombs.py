"""Small TIFF files that ask for much.  bombs.py FOLDER writes FOLDER/KIND/KIND.tif for each kind."""
import os
import struct
import sys
import zlib

RGB = {256: 4, 257: 4, 258: 8, 259: 1, 262: 2, 273: 8, 277: 3, 278: 4, 279: 48, 284: 1}
SHORT = {258, 259, 262, 277, 284, 338}


def tiff(fields, data=bytes(range(48)), pages=1, loop=None):
    """One IFD of `fields` (tag: value, or None to leave it out) behind the pixels, `pages` times."""
    out = bytearray(b"II*" + bytes(5) + data)
    link, first = 4, None
    fields = {t: v for t, v in sorted({**RGB, **fields}.items()) if v is not None}
    for _ in range(pages):
        at = len(out)
        first = first or at
        struct.pack_into("<I", out, link, at)
        out += struct.pack("<H", len(fields))
        for tag, value in fields.items():
            out += struct.pack("<HHI", tag, 3 if tag in SHORT else 4, 1) + struct.pack("<I", value)
        link = len(out)
        out += bytes(4)
    if loop:
        struct.pack_into("<I", out, link, first)
    return bytes(out)


zeros = zlib.compress(bytes(65536 * 1000), 9)
BOMBS = {
    "square": tiff({256: 65536, 257: 65536}),
    "wide": tiff({256: 2**31, 257: 1}),
    "high": tiff({256: 1, 257: 2**32 - 1}),
    "nothing": tiff({256: 0}),
    "samples": tiff({277: 65529}),
    "samples64": tiff({256: 16384, 257: 16384, 277: 64, 278: 16384, 262: 1, 338: 0}),
    "bits": tiff({258: 64}),
    "bits0": tiff({258: 0}),
    "strips": tiff({257: 65536, 278: 1}),
    "strip0": tiff({278: 0, 257: 65536, 256: 65536}),
    "striplong": tiff({257: 2000, 278: 2000, 279: 2**32 - 1}),
    "stripoffset": tiff({273: 2**32 - 2}),
    "nostrip": tiff({273: None, 279: None}),
    "tiles": tiff({322: 2**31, 323: 2**31, 273: None, 278: None, 279: None, 324: 8, 325: 48}),
    "tile0": tiff({322: 0, 323: 0, 273: None, 278: None, 279: None, 324: 8, 325: 48}),
    "tilemany": tiff({256: 65536, 257: 4096, 322: 16, 323: 16, 273: None, 278: None, 279: None, 324: 8, 325: 48}),
    "deflate": tiff({256: 65536, 257: 4000, 262: 1, 277: 1, 259: 8, 278: 4000, 279: len(zeros)}, zeros),
    "lzw": tiff({256: 60000, 257: 4000, 277: 3, 259: 5, 278: 4000}),
    "jpeg": tiff({259: 7, 256: 60000, 257: 60000}),
    "codec": tiff({259: 54321}),
    "loop": tiff({}, loop=True),
    "loop3": tiff({}, pages=3, loop=True),
    "pages": tiff({}, pages=70000),
    "entries": b"II*\0" + struct.pack("<IH", 8, 65535) + bytes(200),
    "next": tiff({})[:-4] + struct.pack("<I", 2**32 - 1),
    "big": b"II+\0" + struct.pack("<HHQ", 8, 0, 2**63 - 1),
    "bigcount": b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 2**63 - 1) + bytes(64),
    "counts": b"II*\0" + struct.pack("<IH", 8, 2) + struct.pack("<HHII", 256, 4, 2**30, 8)
              + struct.pack("<HHII", 273, 4, 2**30, 8) + bytes(4),
}
for kind, data in BOMBS.items():
    os.makedirs(os.path.join(sys.argv[1], kind), exist_ok=True)
    with open(os.path.join(sys.argv[1], kind, kind + ".tif"), "wb") as f:
        f.write(data)
