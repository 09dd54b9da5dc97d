"""How a report looks: the words, colours and hatches of the pages."""

from __future__ import annotations

from landgis.ui.coded import CODES
from landgis.ui.palette import PHASE_COLORS, PHASE_HATCHES
from landgis.ui.words import Words
from landgis.workflow.reporting import Look


def paper_look(language: str) -> Look:
    """The look of a report in `zh_CN` or `en`."""
    return Look(Words(language), PHASE_COLORS, PHASE_HATCHES, CODES)
