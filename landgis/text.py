"""Text that people read: marked here, translated at the faces from gettext catalogues.

Base and core never translate: they carry an English template and its values (`Message`), so that one process can
speak Chinese to one user and English to another.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LANGUAGES = ("zh_CN", "en")
LOCALE_FOLDER = Path(__file__).with_name("locale")

Translate = Callable[[str], str]
Tell = Callable[[str], None]  # told before each step of long work; may raise Stopped


def N_(template: str) -> str:  # noqa: N802  (the name that every gettext tool looks for)
    """Mark a template for the catalogues and return it unchanged."""
    return template


@dataclass(frozen=True)
class Message:
    """An English template and the values that go into it; a value that is a `Message` is translated with it."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def render(self, translate: Translate = str) -> str:
        """The sentence in the language of `translate`; English by default."""
        values = {
            name: value.render(translate) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return translate(self.template).format(**values)

    def __str__(self) -> str:
        return self.render()


def pick_language(asked: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """`zh_CN` or `en`: what was asked for, else LANDGIS_LANG, else the locale; Chinese where none of them says.

    >>> pick_language(None, {"LANG": "en_US.UTF-8"}), pick_language("zh", {}), pick_language(None, {"LANG": "C"})
    ('en', 'zh_CN', 'zh_CN')
    """
    wishes = [asked, *(environment.get(name) for name in ("LANDGIS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))]
    for wish in wishes:
        for language in LANGUAGES:
            if wish and wish.lower().startswith(language[:2]):
                return language
    return LANGUAGES[0]


def translator(language: str) -> Translate:
    """The gettext function of one language; a template that its catalogue lacks comes back in English."""
    return gettext.translation("landgis", LOCALE_FOLDER, [language], fallback=True).gettext
