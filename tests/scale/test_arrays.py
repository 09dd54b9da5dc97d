import numpy as np
import pyarrow as pa

from landgis.columns import Columns
from landgis.scale.arrays import load_arrays, save_arrays
from landgis.scale.folders import Folder
from landgis.scale.pieces import read_pieces, write_pieces
from landgis.workflow.spread.tables import POSITION, column_of, columns_of, table_of


def test_arrays_come_back_as_they_were(tmp_path):
    given = {
        "box": np.array([[1.5, np.nan], [-0.0, 4.0], [5, 6]]), "hash": np.array([0, 2**64 - 1], np.uint64),
        "none": np.empty(0), "flags": np.array([3, 0], np.uint8), "nobox": np.empty((0, 4)),
    }  # fmt: skip
    save_arrays(Folder(str(tmp_path)), "arrays", **given)
    found = load_arrays(Folder(str(tmp_path)), "arrays")
    assert list(found) == list(given)
    for name, array in given.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


def test_columns_go_through_pieces_bit_by_bit(tmp_path):
    """Numbers with NaN, texts with null, words from a dictionary, an office's own whole numbers with gaps."""
    words = pa.array(["a", None, "b", "a"], pa.string()).dictionary_encode()
    columns = Columns({
        "number": np.array([1.0, np.nan, -0.0, 5e-324]), "text": pa.array(["宗地", None, "", "x"], pa.large_string()),
        "word": words, "own": pa.array([1, None, 3, 2**60]), "short": pa.array(["p", "q", None, "r"], pa.string()),
    })  # fmt: skip
    table = table_of(columns, position=np.arange(4))
    folder = Folder(str(tmp_path))
    write_pieces(folder, "a", table, np.array([0, 1, 3]), np.array([1, 0, 1]), 2)
    write_pieces(folder, "b", table, np.array([2]), np.array([1]), 2)
    found = read_pieces(folder, ["a", "b"], 1)
    back = columns_of(found)
    assert column_of(found, POSITION).tolist() == [0, 3, 2]
    assert back["number"].tobytes() == columns["number"][[0, 3, 2]].tobytes()
    for name in ("text", "word", "own", "short"):
        assert back[name].to_pylist() == columns[name].take([0, 3, 2]).to_pylist()
    assert columns_of(read_pieces(folder, ["b"], 0)).size == 0
