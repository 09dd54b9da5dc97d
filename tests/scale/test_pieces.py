import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from landgis.scale.folders import Folder
from landgis.scale.keys import NOWHERE, hashes, look_up
from landgis.scale.pieces import read_pieces, write_pieces

PARTITIONS = 4
sent = st.lists(st.lists(st.sets(st.integers(0, PARTITIONS - 1)), max_size=12), min_size=1, max_size=4)


@given(sent)
def test_every_row_is_where_it_was_sent_in_the_order_of_the_input(tmp_path_factory, files):
    """Each file is a list of rows, each row the set of partitions that it goes to."""
    folder = Folder(str(tmp_path_factory.mktemp("pieces")))
    number, wanted = 0, {partition: [] for partition in range(PARTITIONS)}
    for at, rows in enumerate(files):
        numbers = np.arange(number, number + len(rows))
        number += len(rows)
        for row, partitions in zip(numbers, rows, strict=True):
            for partition in partitions:
                wanted[partition].append(int(row))
        table = pa.table({"row": numbers, "text": pa.array([f"地块{n}" for n in numbers], pa.large_string())})
        where = [(i, partition) for i, partitions in enumerate(rows) for partition in sorted(partitions)]
        index = np.array([i for i, _ in where], int)
        write_pieces(folder, f"piece-{at}", table, index, np.array([p for _, p in where], int), PARTITIONS)
    for partition in range(PARTITIONS):
        found = read_pieces(folder, [f"piece-{at}" for at in range(len(files))], partition)
        assert found["row"].to_pylist() == wanted[partition]
        assert found["text"].to_pylist() == [f"地块{n}" for n in wanted[partition]]


texts = st.lists(st.text(max_size=20) | st.none(), max_size=40)


@given(texts, texts, st.integers(0, 5))
def test_keys_are_found_by_their_hashes(keys, wanted, skipped):
    """A dictionary knows the answer; slices and nulls must not move the bytes that are read."""
    keys = list(dict.fromkeys(key for key in keys if key is not None))
    array = pa.array(["padding"] * skipped + keys, pa.string()).slice(skipped)
    found = hashes(array)
    assert len(set(found.tolist())) == len(keys)
    order = np.argsort(found)
    at = look_up(found[order], order, hashes(pa.array(wanted, pa.large_string())))
    known = {key: n for n, key in enumerate(keys)}
    for key, position in zip(wanted, at, strict=True):
        if key is not None:
            assert position == known.get(key, NOWHERE)


def plain_mix(value):
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) % 2**64
    return value ^ (value >> 31)


def plain_hash(text, seed):
    data = text.encode()
    value = plain_mix(len(data) + seed)
    for at in range(0, len(data), 8):
        value = plain_mix(value ^ int.from_bytes(data[at : at + 8], "little"))
    return value


def test_hashes_are_the_same_on_every_machine_and_differ_by_seed():
    """Against the same in whole numbers of Python."""
    texts = ["", "P0000001", "地块-12345", "a" * 17]
    keys = pa.array(texts)
    assert [int(n) for n in hashes(keys, 3)] == [plain_hash(text, 3) for text in texts]
    assert not set(hashes(keys).tolist()) & set(hashes(keys, 1).tolist())


def test_near_keys_do_not_collide():
    keys = pa.array([f"{place}-{n:07d}" for place in ("330784", "330785") for n in range(50_000)])
    assert len(np.unique(hashes(keys))) == len(keys)
