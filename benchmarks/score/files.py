"""Where the tables of one size lie; imports nothing, as every engine's process begins here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TABLES = ("parcels", "buildings", "enterprises", "occupancies")


@dataclass(frozen=True)
class Files:
    """Four Parquet files in a folder of their own; `rows` is the number of parcels."""

    folder: Path
    rows: int

    @property
    def place(self) -> Path:
        return self.folder / f"score-{self.rows}"

    @property
    def parcels(self) -> Path:
        return self.place / "parcels.parquet"

    @property
    def buildings(self) -> Path:
        return self.place / "buildings.parquet"

    @property
    def enterprises(self) -> Path:
        return self.place / "enterprises.parquet"

    @property
    def occupancies(self) -> Path:
        return self.place / "occupancies.parquet"

    def all(self) -> dict[str, Path]:
        return {name: getattr(self, name) for name in TABLES}
