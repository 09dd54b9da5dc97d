"""What a user says on the command line about the files to score and how to read them."""

from __future__ import annotations

from dataclasses import dataclass

from landgis.tables import BLOCKS, BUILDINGS, ENTERPRISES, OCCUPANCIES, PARCELS

FILES = {"parcels": PARCELS, "buildings": BUILDINGS, "enterprises": ENTERPRISES, "occupancies": OCCUPANCIES,
         "blocks": BLOCKS}  # fmt: skip


@dataclass(frozen=True)
class Inputs:
    """Files as FILE or FILE:LAYER, the rule set, and what the files do not say themselves."""

    parcels: str
    buildings: str | None = None
    enterprises: str | None = None
    occupancies: str | None = None
    blocks: str | None = None
    rules: str = "yongkang-draft"
    year: int | None = None
    crs: str | None = None
    measure_crs: str | None = None
    encoding: str | None = None
    mapping: str | None = None
    strict: bool = False

    @property
    def named(self) -> dict[str, str]:
        """Table → file, of those that were given."""
        return {name: text for name in FILES if (text := getattr(self, name)) is not None}
