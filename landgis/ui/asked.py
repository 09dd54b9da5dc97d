"""What a page is asked to show, as it stands in the URL: a link restores what was seen."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from landgis.text import LANGUAGES
from landgis.workflow.filtering import Filter
from landgis.workflow.themes import DEFAULT_THEME, THEMES

MASSINGS = ("existing", "planned")
TABS = ("plan", "gantt", "map", "curves", "compare", "register")  # of the plan's page
LONGEST = 200  # characters of a value in a link
QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]")


@dataclass(frozen=True)
class Asked:
    """Block, day, theme, parcel, search, chosen classes of the legends, massing, language; of the plan's page the tab,
    the plan and the quarter."""

    as_of: datetime.date
    block: str | None = None
    parcel: str | None = None
    search: str = ""
    theme: str = DEFAULT_THEME
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    massing: str | None = None
    language: str = LANGUAGES[0]
    tab: str = TABS[0]
    plan: str | None = None
    quarter: str | None = None

    @property
    def filter(self) -> Filter:
        """The day, block and classes, as `workflow.filtering` takes them."""
        return Filter(self.as_of, self.block, self.chosen)


def read(link: Mapping[str, str], today: datetime.date, language: str = LANGUAGES[0]) -> Asked:
    """From a link; what it does not say, or says wrongly, is as at the start."""
    said = {name: str(text)[:LONGEST] for name, text in link.items()}
    chosen = {}
    for theme in THEMES.values():
        wanted = frozenset(said.get(f"only_{theme.key}", "").split(",")) & frozenset(theme.keys)
        if wanted:
            chosen[theme.key] = wanted
    return Asked(
        as_of=_day(said.get("day", "")) or today,
        block=said.get("block") or None,
        parcel=said.get("parcel") or None,
        search=said.get("q", ""),
        theme=said["theme"] if said.get("theme") in THEMES else DEFAULT_THEME,
        chosen=chosen,
        massing=said["massing"] if said.get("massing") in MASSINGS else None,
        language=said["lang"] if said.get("lang") in LANGUAGES else language,
        tab=said["tab"] if said.get("tab") in TABS else TABS[0],
        plan=said.get("plan") or None,
        quarter=said["quarter"] if QUARTER.fullmatch(said.get("quarter", "")) else None,
    )


def write(asked: Asked, today: datetime.date) -> dict[str, str]:
    """The link of what is asked; what is as at the start is left out, but for the language.

    >>> write(Asked(datetime.date(2026, 3, 1), block="LCC"), datetime.date(2026, 4, 1))
    {'block': 'LCC', 'day': '2026-03-01', 'lang': 'zh_CN'}
    """
    link = {
        "block": asked.block or "",
        "day": asked.as_of.isoformat() if asked.as_of != today else "",
        "parcel": asked.parcel or "",
        "q": asked.search,
        "theme": asked.theme if asked.theme != DEFAULT_THEME else "",
        "massing": asked.massing or "",
        "lang": asked.language,
        "tab": asked.tab if asked.tab != TABS[0] else "",
        "plan": asked.plan or "",
        "quarter": asked.quarter or "",
    }
    link |= {
        f"only_{theme}": ",".join(key for key in THEMES[theme].keys if key in wanted)
        for theme, wanted in asked.chosen.items()
    }
    return {name: text for name, text in link.items() if text}


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
