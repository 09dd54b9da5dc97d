"""The container: what goes in by number comes out by number, with leaves where there are many."""

import itertools

import numpy as np
import pytest

from landgis.io.pmtiles import Scope, new_archive, pack, tile_numbers
from tests.io.tile_reader import archive_of

SCOPE = Scope(3, 12, (119.5, 28.5, 120.25, 29.0))


def made(path, count, step):
    chance = np.random.default_rng(count)
    tiles = {100 + step * at + int(chance.integers(0, step)): bytes([at % 256]) * (1 + at % 7) for at in range(count)}
    with new_archive(path, SCOPE, {"name": "宗地"}) as archive:
        for number, tile in tiles.items():
            archive.add(number, tile)
    return tiles


@pytest.mark.parametrize(("count", "leafy"), [(1, False), (300, False), (30_000, True)])
def test_round_trip(tmp_path, count, leafy):
    tiles = made(tmp_path / "x.pmtiles", count, 50)
    found = archive_of(tmp_path / "x.pmtiles")
    assert found.tiles == tiles and (found.leaves > 1) is leafy
    assert found.metadata == {"name": "宗地"} and found.bounds == SCOPE.bounds and found.zooms == (3, 12)
    assert list(tmp_path.iterdir()) == [tmp_path / "x.pmtiles"]


def test_packing_says_no_time():
    assert pack(b"x" * 100)[4:8] == bytes(4)


def walk(order):
    """The tiles of a zoom along the Hilbert curve, by the rule that makes it: four copies, two of them turned."""
    if order == 0:
        return [(0, 0)]
    less, half = walk(order - 1), 1 << (order - 1)
    return [
        *((y, x) for x, y in less), *((x, y + half) for x, y in less), *((x + half, y + half) for x, y in less),
        *((2 * half - 1 - y, half - 1 - x) for x, y in less),
    ]  # fmt: skip


@pytest.mark.parametrize("zoom", range(7))
def test_numbers_follow_the_curve_behind_those_of_lower_zooms(zoom):
    x, y = np.array(walk(zoom)).T
    below = sum(4**lower for lower in range(zoom))
    assert tile_numbers(zoom, x, y).tolist() == list(range(below, below + 4**zoom))


def test_the_curve_makes_single_steps():
    assert all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in itertools.pairwise(walk(5)))
