"""Where keys stand, against a dict."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.compiled import keys
from landgis.compiled.cells import binary_of, numbers_of, some_cells
from landgis.compiled.keys import NOWHERE, KeyIndex, Repeats
from landgis.compiled.library import kernels, library

WAYS = [
    pytest.param(True, id="kernels", marks=pytest.mark.skipif(kernels() is None, reason="not compiled here")),
    pytest.param(False, id="Arrow alone"),
]
words = st.one_of(
    st.none(), st.sampled_from(["", "a", "b", "ab", "宗地", "12345678", "123456789", "a" * 40]), st.text(max_size=12)
)
lists = st.lists(words, max_size=40)
of_one_size = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 23]).flatmap(
    lambda size: st.tuples(*[st.lists(st.text("01", min_size=size, max_size=size), max_size=40)] * 2)
)
kinds = st.sampled_from([pa.string(), pa.large_string()])


def arranged(draw, texts, kind):
    """The same texts as one array, a slice, pieces, a dictionary or pieces of dictionaries."""
    how = draw(st.sampled_from(["array", "slice", "pieces", "dictionary", "dictionaries"]))
    array = pa.array(["before", *texts, "after"], kind)[1:-1]
    if how == "array":
        return pa.array(texts, kind)
    if how == "slice":
        return array
    if how == "dictionary":
        return array.dictionary_encode()
    cut = draw(st.integers(0, len(texts)))
    pieces = [array[:cut], array[cut:]]
    return pa.chunked_array([piece.dictionary_encode() for piece in pieces] if how == "dictionaries" else pieces)


@pytest.mark.parametrize("kernel", WAYS)
@settings(max_examples=150, deadline=None)
@given(st.one_of(st.tuples(lists, lists), of_one_size), kinds, kinds, st.data())
def test_positions_and_repeats_are_those_of_a_dict(kernel, both, one, other, data):
    have, wanted = both
    with pytest.MonkeyPatch.context() as patch:
        if not kernel:
            patch.setattr(keys, "kernels", lambda: None)
        index = KeyIndex(arranged(data.draw, have, one))
        found = index.positions(arranged(data.draw, wanted, other))
    place, repeated = {}, []
    for at, key in enumerate(have):
        if key is not None and place.setdefault(key, at) != at:
            repeated.append(at)
    assert found.dtype == np.int32 and found.tolist() == [place.get(key, NOWHERE) for key in wanted]
    assert index.repeated.tolist() == repeated and len(index) == len(have)


@pytest.mark.skipif(kernels() is None, reason="not compiled here")
def test_keys_with_one_hash_are_told_apart():
    """Made up so that all of them have the same hash: the second word takes back what the first has done."""
    keys_, every = [], 2**64 - 1
    for first in range(64):
        state = (16 ^ first) * 0xFF51AFD7ED558CCD & every  # seed 0, 16 bytes
        keys_.append(first.to_bytes(8, "little") + (state ^ state >> 32 ^ 12_345).to_bytes(8, "little"))
    data, offset = np.frombuffer(b"".join(keys_), np.uint8), np.arange(0, 65 * 16, 16)
    for one_size in (16, 0):
        slots, repeats, row = np.zeros(256, np.uint32), np.empty(64, bool), np.empty(64, np.int32)
        cells = (data.ctypes.data, offset.ctypes.data)
        table = (slots.ctypes.data, 255, 0, *cells, one_size)
        library().keys_fill(*table, None, 64, repeats.ctypes.data)
        library().keys_find(*table, *cells, None, 64, row.ctypes.data)
        assert len(np.unique(slots >> np.uint32(8))) == 2  # nothing, and that one
        assert not repeats.any() and row.tolist() == list(range(64))


@pytest.mark.parametrize("size", range(1, 35))
def test_keys_that_differ_in_one_letter_anywhere(size):
    """Each has a row of its own, alone and among keys of other sizes."""
    names = ["a" * size, *("a" * at + letter + "a" * (size - at - 1) for at in range(size) for letter in "bc")]
    for have in (names, [*names, "a" * (size + 1)]):
        index = KeyIndex(pa.array(have))
        assert not len(index.repeated)
        assert index.positions(pa.array([*have, "c" * size + "c"])).tolist() == [*range(len(have)), NOWHERE]


@pytest.mark.parametrize("kernel", WAYS)
@given(of_one_size, kinds, st.data())
def test_whether_keys_stand_twice(kernel, both, kind, data):
    with pytest.MonkeyPatch.context() as patch:
        if not kernel:
            patch.setattr(keys, "kernels", lambda: None)
        seen = Repeats(sum(map(len, both)) + 3)
        for some in both:
            seen.add(arranged(data.draw, some, kind))
        assert seen.found() == (len({*both[0], *both[1]}) < len(both[0]) + len(both[1]))


@pytest.mark.parametrize("kernel", WAYS)
def test_many_keys_asked_for_by_batches(kernel, monkeypatch):
    if not kernel:
        monkeypatch.setattr(keys, "kernels", lambda: None)
    random = np.random.default_rng(1)
    names = [f"330784001001GB{number:08d}" for number in random.permutation(50_000)]
    index = KeyIndex(pa.chunked_array([pa.array(names[:20_001]), pa.array(names[20_001:])]))
    assert not len(index.repeated)
    wanted = random.integers(0, len(names), 100_000)
    asked = pa.array([names[at] for at in wanted])
    for first in range(0, len(asked), 33_333):
        assert (index.positions(asked[first : first + 33_333]) == wanted[first : first + 33_333]).all()
    assert (index.positions(pa.array(["330784001001GB5000000", "x"])) == NOWHERE).all()


@given(st.lists(st.one_of(st.none(), st.binary(max_size=9)), max_size=40), st.data())
def test_bytes_go_to_arrow_and_back(cells, data):
    made = binary_of(cells)
    made.validate(full=True)
    assert made.to_pylist() == cells
    first = data.draw(st.integers(0, len(cells)))
    rows = np.array(
        data.draw(st.lists(st.integers(0, len(cells) - first - 1), max_size=9)) if first < len(cells) else [], int
    )
    assert some_cells(made[first:], rows).tolist() == [cells[first + row] for row in rows]
    numbers = pa.array([None if cell is None else len(cell) for cell in cells], pa.int8())[first:]
    assert numbers_of(numbers, -1).tolist() == [-1 if cell is None else len(cell) for cell in cells[first:]]
