"""Texts from files as a page can show them: what has no glyph is named by its number, nothing is left out."""

from __future__ import annotations

import re
import unicodedata

SPACES = re.compile(r"[\t\n\r\v\f\x85\u2028\u2029]+")
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they make a text read backwards
MEANINGLESS = ("Cc", "Cn", "Co", "Cs")  # controls, unassigned, private (in old ledgers: rare characters), half pairs
LONG_RUN = re.compile(r"[!-~\u00a1-\u024f]{20,}")  # letters of a line that has no place to be broken
BREAK_EVERY = 16


def legible(text: str) -> str:
    """A text on one line; characters that say nothing to a reader stand as [U+E000].

    >>> legible("a\\tb"), legible("x\\x07"), legible("\\u202ecod"), legible("#eval(1) $x$ *y*")
    ('a b', 'x[U+0007]', '[U+202E]cod', '#eval(1) $x$ *y*')
    """
    spaced = SPACES.sub(" ", text)
    return "".join(named(char) if char in TURNING or unicodedata.category(char) in MEANINGLESS else char
                   for char in spaced)  # fmt: skip


def named(char: str) -> str:
    """A character by its number.

    >>> named("\\ue000")
    '[U+E000]'
    """
    return f"[U+{ord(char):04X}]"


def breakable(text: str) -> str:
    """A text that fits any column: a long run without a place to break it gets some that nobody sees.

    >>> [len(part) for part in breakable("x" * 40).split("\\u200b")]
    [16, 16, 8]
    """
    return LONG_RUN.sub(lambda run: "\u200b".join(re.findall(f".{{1,{BREAK_EVERY}}}", run.group())), text)
