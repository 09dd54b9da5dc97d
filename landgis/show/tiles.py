"""What was made of tiles, on the terminal."""

from __future__ import annotations

from landgis.show.console import open_console, plain_table
from landgis.text import N_, Translate
from landgis.workflow.tiling import Tiled


def show_tiles(made: Tiled, translate: Translate) -> None:
    """A line for each zoom, and what is in no tile."""
    console = open_console()
    heads = (N_("zoom"), N_("tiles"), N_("largest, kB"), N_("parcels"), N_("too small"), N_("no room"))
    table = plain_table("", *map(translate, heads))
    for one in made.zooms:
        cells = (one.tiles, one.largest_tile_bytes // 1000, one.parcels, one.too_small, one.no_room)
        table.add_row(str(one.zoom), *(f"{cell:,}" for cell in cells))
    console.print(table)
    left = made.left.no_outline + made.left.no_polygon + made.left.off_the_map
    if left:
        print(translate(N_("{count} rows have no outline that can be drawn; --json says why")).format(count=left))
    if any(one.lean_tiles for one in made.zooms):
        names = N_("tiles with little room have score, grade, low_efficiency, phase and overdue_days only: {count}")
        print(translate(names).format(count=sum(one.lean_tiles for one in made.zooms)))
    said = translate(N_("{file} was written: {rows} rows, {megabytes} MB"))
    print(said.format(file=made.file, rows=made.rows, megabytes=f"{made.bytes / 1e6:,.1f}"))
