"""Bytes → text without guessing in silence: what decodes strictly, and what a file says its encoding is."""

from __future__ import annotations

import codecs
import re

UTF_16_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CHINESE = "GB18030"
LATIN = "cp1252"
_WELL_KNOWN = {
    "936": CHINESE, "CP936": CHINESE, "GBK": CHINESE, "GB2312": CHINESE, "GB18030": CHINESE, "ANSI 936": CHINESE,
    "EUC-CN": CHINESE, "65001": "UTF-8", "UTF8": "UTF-8", "UTF-8": "UTF-8", "UTF-8-SIG": "UTF-8",
    "8859_1": "ISO-8859-1", "88591": "ISO-8859-1", "ISO88591": "ISO-8859-1", "ISO 88591": "ISO-8859-1",
    "BIG5": "BIG5", "950": "CP950", "932": "CP932", "949": "CP949",
}  # fmt: skip
_BY_LANGUAGE_BYTE = {  # dBase's language driver; 0x00 and 0x57 (whatever Windows had) say nothing
    0x01: "cp437", 0x02: "cp850", 0x13: "cp932", 0x4D: CHINESE, 0x4E: "cp949", 0x4F: "cp950", 0x64: "cp852",
    0x65: "cp866", 0x7A: CHINESE, 0x78: "cp950", 0x79: "cp949", 0x7B: "cp932", 0xC8: "cp1250", 0xC9: "cp1251",
}  # fmt: skip
_PAIR = re.compile(rb"[\x81-\xfe]([\x30-\x39\x40-\x7e\x80-\xfe])")


def known_encoding(name: str) -> str | None:
    """The codec for what a `.cpg` or a user calls an encoding; GBK and GB2312 become GB18030, which holds them.

    >>> known_encoding("gbk"), known_encoding("65001"), known_encoding("Klingon")
    ('GB18030', 'UTF-8', None)
    """
    plain = name.strip().strip("\x00\ufeff").upper()
    if plain in _WELL_KNOWN:
        return _WELL_KNOWN[plain]
    try:
        found = codecs.lookup(f"cp{plain}" if plain.isdigit() else plain)
    except (LookupError, ValueError):
        return None
    return found.name if getattr(found, "_is_text_encoding", True) else None


def encoding_of_language_byte(value: int) -> str | None:
    """The encoding that byte 29 of a `.dbf` declares; None where it declares none."""
    return _BY_LANGUAGE_BYTE.get(value)


def decodes(content: bytes, encoding: str) -> bool:
    """Whether every byte decodes strictly."""
    try:
        content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def guess_encoding(content: bytes) -> str | None:
    """UTF-8 or GB18030, whichever decodes strictly, UTF-8 first; None where neither does.

    Western text often decodes as GB18030 by accident, as `España` does: accented letters stand alone between ASCII
    ones, Chinese characters are pairs of high bytes. Bytes that look western come back as None, to be asked for.
    """
    if decodes(content, "utf-8"):
        return "UTF-8"
    if decodes(content, CHINESE) and looks_chinese(content):
        return CHINESE
    return None


def looks_chinese(content: bytes) -> bool:
    """Whether at least half of the pairs have a high second byte, as all of GB2312 has."""
    seconds = _PAIR.findall(content[: 1 << 20])
    return 2 * sum(second >= b"\xa1" for second in seconds) >= len(seconds)
