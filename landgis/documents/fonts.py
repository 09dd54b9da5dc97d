"""The Chinese font that is put into a PDF, and which characters it can show.

Looked for in the folder that LANDGIS_FONTS names, then among the fonts of the system. A machine of a Chinese office has
one; for a bare server the refusal says what to install.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from landgis.documents.legible import named
from landgis.errors import InputRefused, Problem
from landgis.text import N_, Message, translator

FOLDER = "LANDGIS_FONTS"
PREFERRED = (  # clear at small sizes first; what Windows, macOS and the Linux of Chinese offices bring behind them
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "DengXian", "SimHei", "Heiti SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Serif CJK SC",
    "Source Han Serif SC", "SimSun", "FangSong", "STSong",
)  # fmt: skip
COMMON = frozenset(chr(code) for code in (*range(0x20, 0x7F), *range(0x4E00, 0x9FA6)))  # every font below has these
TRIED = b"""#set page(width: 9cm, height: 2cm)
#set text(font: sys.inputs.font, fallback: sys.inputs.fallback == "yes")
#sys.inputs.tried"""


@dataclass(frozen=True)
class Typesetter:
    """typst with a Chinese font."""

    typst: Any  # the module
    fonts: Any
    family: str

    def compiled(self, source: bytes, inputs: dict[str, str], **options: Any) -> Any:
        """What typst makes of a source; a compiler of its own for each call, as threads share nothing then."""
        return self.typst.Compiler(font_paths=self.fonts).compile(input=source, sys_inputs=inputs, **options)

    def shows(self, text: str, *, alone: bool = False) -> bool:
        """Whether the font has the glyphs of a text, or, unless `alone`, another one that may stand in for it."""
        inputs = {"font": self.family, "tried": text, "fallback": "no" if alone else "yes"}
        try:
            self.compiled(TRIED, inputs, format="pdf", pdf_standards=["a-2b"], timestamp=0)
        except self.typst.TypstError:
            return False
        return True

    def shown(self, text: str) -> str:
        """The text, with the numbers of the characters that no font here has."""
        return "".join(char if char in COMMON or _has(self, char) else named(char) for char in text)


@lru_cache(maxsize=20_000)
def _has(setter: Typesetter, char: str) -> bool:
    return setter.shows(char)


def typesetter() -> Typesetter:
    """typst with a Chinese font; InputRefused where there is neither, saying what to install."""
    return _found(os.environ.get(FOLDER))


@lru_cache(maxsize=4)
def _found(folder: str | None) -> Typesetter:
    typst = required("typst")
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder] if folder else [])
    fonts = typst.Fonts(font_paths=[folder] if folder else [])
    return choose(typst, fonts, own.families())


def choose(typst: Any, fonts: Any, first: Sequence[str] = ()) -> Typesetter:
    """The first family that has Chinese: of `first` and then of all, those of PREFERRED before the others."""
    there = [*_ranked(first), *_ranked(fonts.families())]
    for family in dict.fromkeys(there):
        setter = Typesetter(typst, fonts, family)
        if setter.shows(_chinese(), alone=True):
            return setter
    words = N_(
        "no Chinese font was found for the report; install fonts-noto-cjk (Debian, Ubuntu), or put a font file such as"
        " NotoSansCJK-Regular.ttc into a folder and name it in {variable}"
    )
    raise InputRefused([Problem("E-REPORT-FONT", Message(words, {"variable": FOLDER}))])


def _ranked(families: Sequence[str]) -> list[str]:
    return sorted(families, key=lambda name: PREFERRED.index(name) if name in PREFERRED else len(PREFERRED))


def _chinese() -> str:
    """Some Chinese, to see whether a font has it."""
    translate = translator("zh_CN")
    return "".join(translate(words) for words in (N_("floor area ratio"), N_("renovated"), N_("mu"), N_("overdue")))


def required(module: str) -> Any:
    """A package of the extra `report`; InputRefused where it is not installed."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        words = N_("reports need the package {package}; install landgis with the extra: pip install 'landgis[report]'")
        raise InputRefused([Problem("E-REPORT-EXTRA", Message(words, {"package": module}))]) from error
