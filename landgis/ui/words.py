"""One language: texts from the catalogues, numbers and dates by Babel. Sessions are threads, so nothing is global."""

from __future__ import annotations

import datetime
import html as escaping
import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal, format_percent

from landgis.errors import Problem
from landgis.results import FIRM_COLUMNS, PHASE_COLUMNS, RESULT_COLUMNS
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_, Message, Translate, translator
from landgis.units import m2_to_mu

NOTHING = "—"
TITLES = {column.name: column.title for column in (*FIRM_COLUMNS, *PHASE_COLUMNS, *RESULT_COLUMNS)}
LINKED = re.compile(r"https?(?=:)|ftp(?=:)|www(?=\.)|@", re.IGNORECASE)  # what Markdown makes links of by itself
JOINER = "\u2060"  # has no width, and parts what would be a link
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>:$&])")


@dataclass(frozen=True)
class Words:
    """The words of one language, `zh_CN` or `en`."""

    language: str

    @cached_property
    def translate(self) -> Translate:
        """The gettext function."""
        return translator(self.language)

    @cached_property
    def locale(self) -> Locale:
        """Babel's locale."""
        return Locale.parse(self.language)

    def __call__(self, template: str, **values: Any) -> str:
        """A marked template in this language, with values in it."""
        text = self.translate(template) if template else ""
        return text.format(**values) if values else text

    def message(self, message: Message) -> str:
        """A message in this language."""
        return message.render(self.translate)

    def problem(self, problem: Problem, *, html: bool = False) -> str:
        """A problem on one line."""
        text = problem.render(self.translate)
        return escaping.escape(text) if html else text

    def number(self, value: Any, decimals: int = 0) -> str:
        """A number with so many decimals; a dash where it is not known."""
        if _is_unknown(value):
            return NOTHING
        rounded = round(float(value), decimals)
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(rounded + 0.0, format=pattern, locale=self.locale))

    def percent(self, share: Any, decimals: int = 0) -> str:
        """A share (0…1) in per cent."""
        if _is_unknown(share):
            return NOTHING
        pattern = "0" + ("." + "0" * decimals if decimals else "") + "%"
        return str(format_percent(float(share), format=pattern, locale=self.locale))

    def day(self, day: Any) -> str:
        """A day: a date, ISO text or an ordinal."""
        if _is_unknown(day):
            return NOTHING
        if isinstance(day, str):
            day = datetime.date.fromisoformat(day[:10])
        elif not isinstance(day, datetime.date):
            day = datetime.date.fromordinal(int(day))
        return str(format_date(day, format="medium", locale=self.locale))

    def month(self, day: datetime.date) -> str:
        """The month of a day."""
        return str(format_skeleton("yMMM", day, locale=self.locale))

    def moment(self, text: str | None) -> str:
        """A moment of the ledger (UTC, ISO 8601) where this machine stands."""
        if not text:
            return NOTHING
        moment = datetime.datetime.fromisoformat(text).astimezone()
        return str(format_datetime(moment, format="short", locale=self.locale))

    def mu(self, value_mu: Any, decimals: int = 1) -> str:
        """Mu with their word."""
        return self(N_("{number} mu"), number=self.number(value_mu, decimals))

    def area(self, area_m2: Any) -> str:
        """Mu first, hectares second."""
        if _is_unknown(area_m2):
            return NOTHING
        area = float(area_m2)
        words = N_("{mu} mu ({ha} ha)")
        return self(words, mu=self.number(m2_to_mu(area), 1), ha=self.number(area / 10_000, 2))

    def milestone(self, code: Any) -> str:
        """A milestone in words."""
        return self(MILESTONE_TITLES[code]) if code in MILESTONE_TITLES else NOTHING

    def column(self, name: str) -> str:
        """The title of a result column; the name itself where it is the user's own."""
        return self(TITLES[name]) if name in TITLES else name

    def name(self, name: Any, name_en: Any, key: str = "") -> str:
        """A name in this language, as far as it is known."""
        local = name if isinstance(name, str) and name else key
        english = name_en if isinstance(name_en, str) and name_en else local
        return str(local if self.language.startswith("zh") else english)


def _is_unknown(value: Any) -> bool:
    if value is None or value == "":
        return True
    try:
        return bool(math.isnan(value))
    except TypeError:
        return bool(value is not value) or type(value).__name__ in ("NAType", "NaTType")


def safe(text: Any) -> str:
    """A text from a file, to stand literally where Streamlit reads Markdown; an address in it becomes no link.

    >>> safe(":red[x]")
    '\\\\:red\\\\[x\\\\]'
    >>> ascii(safe("www.a"))
    "'www\\\\u2060\\\\\\\\.a'"
    """
    plain = LINKED.sub("\\g<0>" + JOINER, str(text))
    return MARKUP.sub(r"\\\1", plain).replace("\n", " ")
