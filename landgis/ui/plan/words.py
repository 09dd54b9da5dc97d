"""What the parts of the plan's page say alike: modes, sites, stages and phases of work, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from landgis.errors import LandgisError
from landgis.rules.scheduling import load_schedule
from landgis.text import N_
from landgis.ui.board import block_names
from landgis.ui.charts import Kind
from landgis.ui.here import Here
from landgis.ui.palette import STAGE_COLORS, STAGE_HATCHES
from landgis.ui.words import NOTHING, Words
from landgis.workflow.scheduling.document import WHY_NOT, PlanDocument, Site
from landgis.workflow.scheduling.view import STAGES

MONEY = N_("10 000 CNY")


def mode_title(at: Here, mode: str | None) -> str:
    """A mode of renovation in words."""
    known = at.project.life.modes.get(mode) if mode else None
    return said_by(at.words, known.title) if known else mode or NOTHING


def said_by(words: Words, title: Any) -> str:
    """A text of a rule set in the page's language."""
    return str(title.zh if words.language.startswith("zh") else title.en)


def site_titles(at: Here, sites: Iterable[Site]) -> dict[str, str]:
    """Each site with the name of its block in the page's language, where it has another one: Old Changcheng LCC*."""
    blocks = block_names(at)
    named = {site.site_id: blocks.get(site.block_id or "", site.name) for site in sites}
    return {key: key if name in ("", key) else f"{name} {key}" for key, name in named.items()}


def why_not(words: Words, site: Site) -> str | None:
    """Why a site is left as it is."""
    return words(WHY_NOT.get(site.why_not, site.why_not)) if site.why_not else None


def kind_title(words: Words, document: PlanDocument, kind: str) -> str:
    """A kind of floor in words, by the rules of the plan where they are at hand."""
    title = _kinds(str(document.scenario.get("rules") or document.rules_id)).get(kind)
    return said_by(words, title) if title else kind


@lru_cache(8)
def _kinds(rules: str) -> Mapping[str, Any]:
    try:
        return load_schedule(rules).kinds
    except LandgisError:  # a file of the office's own that is not here
        return {}


def stage_kinds(words: Words) -> dict[str, Kind]:
    """The stages of a plan, in colours and hatches of the map."""
    return {
        one.key: Kind(words.message(one.title), STAGE_COLORS[one.key], STAGE_HATCHES[one.key]) for one in STAGES.classes
    }
