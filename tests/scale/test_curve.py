import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.scale.curve import Grid, centres, cut, grid_of, hilbert, partition_of
from landgis.scale.halo import cell_pairs, covered, touched

BITS = 5


@pytest.mark.parametrize("bits", [1, 2, 3, 6])
def test_the_curve_visits_every_cell_and_only_steps_to_neighbours(bits):
    column, row = (side.ravel() for side in np.mgrid[: 2**bits, : 2**bits])
    place = hilbert(column, row, bits)
    assert sorted(place) == list(range(4**bits))
    order = np.argsort(place)
    steps = np.abs(np.diff(column[order])) + np.abs(np.diff(row[order]))
    assert (steps == 1).all()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 100))
def test_partitions_follow_the_curve_and_are_of_nearly_one_size(counts, parcels):
    count = np.array(counts)
    first = cut(count, parcels)
    assert first[0] == 0
    assert (np.diff(first) > 0).all()
    sizes = np.bincount(partition_of(np.arange(len(count)), first), count, minlength=len(first))
    assert sizes.sum() == count.sum()
    assert sizes.max() <= max(count.sum() / max(1, -(-count.sum() // parcels)) + count.max(), count.max())


def test_a_stray_parcel_and_a_dense_town_do_not_spoil_the_cells():
    random = np.random.default_rng(1)
    town = np.add(random.normal(0, 100, (5000, 2)), (480_000, 3_150_000))
    county = np.add(random.uniform(0, 50_000, (5000, 2)), (450_000, 3_100_000))
    centre = np.concatenate([town, county, [(0.0, 0.0)]])
    grid = grid_of(centre, len(centre))
    cells, count = np.unique(grid.cell(centre[:, 0], centre[:, 1]), return_counts=True)
    assert len(cells) > 0.4 * grid.cells
    assert count.max() < 0.05 * len(centre)


def test_a_few_parcels_are_one_cell():
    assert grid_of(np.zeros((5, 2)), 5).cells == 1
    assert grid_of(np.empty((0, 2)), 0).cells == 1
    assert grid_of(np.zeros((9, 2)), 10**12).bits == 10


boxes = st.lists(
    st.tuples(st.floats(-60, 60), st.floats(-60, 60), st.floats(0, 30), st.floats(0, 30)).map(
        lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
    )
    | st.just((np.nan,) * 4),
    min_size=1, max_size=40,
).map(np.array)  # fmt: skip
lines = st.lists(st.floats(-50, 50), min_size=2**BITS - 1, max_size=2**BITS - 1).map(sorted).map(np.array)


def meets(a, b):
    """Closed boxes that have a point in common; False where one is missing."""
    return a[0] <= b[2] and a[2] >= b[0] and a[1] <= b[3] and a[3] >= b[1]


@given(boxes, boxes, lines, lines, st.integers(1, 20), st.sampled_from([2, 9, 4096]))
def test_whoever_meets_a_partition_is_sent_to_it(land, others, x, y, parcels, widest):
    """Brute force over all pairs; grids of any lines, parcels that cover many cells, rows without a box."""
    grid = Grid(x, y, BITS)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("landgis.scale.halo.WIDE", widest)
        pairs, counts = cell_pairs(grid, land)
        count = np.zeros(grid.cells, int)
        count[counts[:, 0]] = counts[:, 1]
        first = cut(count, parcels)
        table = touched(grid, first, pairs, land[covered(grid, land)[2]])
        home = table.home(land)
        row, partition = table.met(others)
    assert count.sum() == np.isfinite(land[:, 0]).sum()
    sent = set(zip(row.tolist(), partition.tolist(), strict=True))
    assert len(sent) == len(row)
    wanted = {(i, int(home[j])) for i, one in enumerate(others) for j, two in enumerate(land) if meets(one, two)}
    assert wanted <= sent
    assert {i for i, _ in sent} <= set(np.flatnonzero(np.isfinite(others[:, 0])).tolist())
    assert ((home >= 0) == np.isfinite(land[:, 0])).all()


def test_few_rows_are_sent_twice():
    """Completeness would also hold if every row went everywhere."""
    random = np.random.default_rng(2)
    low = random.uniform(0, 1000, (20_000, 2))
    land = np.column_stack([low, low + random.uniform(1, 8, (20_000, 2))])
    grid = grid_of(centres(land), len(land))
    pairs, counts = cell_pairs(grid, land)
    count = np.zeros(grid.cells, int)
    count[counts[:, 0]] = counts[:, 1]
    table = touched(grid, cut(count, 2500), pairs, np.empty((0, 4)))
    assert table.partitions == 8
    row, _ = table.met(land)
    assert len(land) < len(row) < 1.35 * len(land)
