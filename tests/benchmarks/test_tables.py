"""The made data of the score benchmark: its shares, as counted from the files, are those that issue 6 asks for."""

import numpy as np
import pytest
import shapely

from benchmarks.score import land, tables
from benchmarks.score.shares import across
from benchmarks.score.tables import make, shares

WANTED = {  # what, how far off at 2 000 parcels
    "vertices": (8.3, 0.1), "invalid": (0.015, 1e-9), "multipart": (0.01, 1e-9), "in_order": (0, 0.005),
    "buildings": (1.5, 1e-9), "across": (0.076, 0.005), "occupancies": (3.2, 1e-9), "enterprises": (1.2, 1e-9),
}  # fmt: skip


@pytest.mark.parametrize("name", WANTED)
def test_the_shares_are_those_asked_for(made, name):
    wanted, off = WANTED[name]
    assert shares(made)[name] == pytest.approx(wanted, abs=off)


def test_occupancies_crowd_on_few_parcels(made):
    assert shares(made)["occupancies_of_the_fullest_tenth"] > 0.4


def test_the_same_size_is_the_same_bytes(tmp_path):
    one, two = (make(tmp_path / name, 300).all() for name in ("one", "two"))
    assert [path.read_bytes() for path in one.values()] == [path.read_bytes() for path in two.values()]


def test_what_was_broken_off_is_made_anew(tmp_path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(tables, "shares_of", lambda _files: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make(tmp_path, 300)
    assert not (tmp_path / "score-300").exists()
    assert shares(make(tmp_path, 300))["parcels"] == 300


def test_parcels_share_their_edges_and_never_overlap():
    random = np.random.default_rng(1)
    shapes = land.parcels(land.cells(400, random), random)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.get_num_geometries(shapely.coverage_union_all(shapes)) == 1


def test_a_building_counts_as_across_where_no_parcel_holds_it():
    parcels = shapely.box([0, 10], 0, [10, 20], 10)
    buildings = shapely.box([1, 8, 12, 17], 1, [3, 12, 14, 22], 3)
    assert across(parcels, buildings) == 0.5
