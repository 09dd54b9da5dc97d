"""What every task of a job is given: files, rules, and how the files are cut into ranges of row groups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from landgis.errors import InputRefused, Place, Problem
from landgis.io.mapping import TableMapping
from landgis.io.outline_bytes import are_single_rings, bytes_and_starts
from landgis.io.stream import Batch, Stream, Unusual, open_far, open_stream
from landgis.rules.model import RuleSet
from landgis.scale.folders import file_of
from landgis.text import N_, Message
from landgis.workflow.inputs import FILES, Inputs

RING_HEAD, LONGEST = (
    13,
    2**31 - 1,
)  # bytes before the points of a ring; without an end binary_slice of pyarrow 26.0 fails
ROWS = 250_000  # of a file that one task reads, at least, where its row groups are no larger


@dataclass(frozen=True)
class Range:
    """Row groups `first` up to `last` of a file; its rows begin at `row`, counted from 0."""

    number: int
    first: int
    last: int
    row: int
    rows: int


@dataclass(frozen=True)
class _Stored:
    """A file by its URL."""

    url: str

    def __str__(self) -> str:
        return self.url

    def open(self) -> pa.NativeFile:
        """The file, opened anew."""
        folder, name = file_of(self.url)
        return folder.read(name)


@dataclass(frozen=True)
class Work:
    """The same for all tasks of a job. Files are read by each worker; rules and mapping come from the coordinator."""

    inputs: Inputs
    rules: RuleSet
    mapping: Mapping[str, TableMapping]
    ranges: Mapping[str, tuple[Range, ...]] = field(default_factory=dict)

    def open(self, name: str) -> Stream:
        """A table of the job."""
        inputs, text, mapping = self.inputs, self.inputs.named[name], self.mapping.get(name)
        if "://" in text:
            return open_far(_Stored(text), FILES[name], mapping=mapping, crs=inputs.crs)
        return open_stream(text, FILES[name], mapping=mapping, crs=inputs.crs, encoding=inputs.encoding)

    def rows(self, name: str) -> int:
        """How many rows a table has."""
        return sum(one.rows for one in self.ranges[name])

    def files(self, name: str, kind: str) -> list[str]:
        """Names of what the tasks over a table's ranges write."""
        return [f"{kind}-{one.number:05d}" for one in self.ranges.get(name, ())]


def ranges_of(text: str) -> tuple[Range, ...]:
    """Row groups of a Parquet file put together to ranges of at least ROWS rows, as far as there are so many."""
    folder, name = file_of(text)
    try:
        with folder.read(name) as source:
            about = pq.ParquetFile(source).metadata
            sizes = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
    except (pa.ArrowException, FileNotFoundError, OSError) as error:
        words = N_(
            "a cluster reads Parquet files, and this is none that can be read ({reason}); write it as GeoParquet"
        )
        reason = " ".join(str(error).split())[:200]
        raise InputRefused([Problem("E-CLUSTER-INPUT", Message(words, {"reason": reason}), Place(text))]) from error
    ranges: list[Range] = []
    first = row = 0
    for at in range(len(sizes)):
        held = sum(sizes[first : at + 1])
        if held >= ROWS or at == len(sizes) - 1:
            ranges.append(Range(len(ranges), first, at + 1, row, held))
            first, row = at + 1, row + held
    return tuple(ranges)


def boxes_of(wkb: pa.Array) -> np.ndarray:
    """float64[n, 4]: west, south, east, north of each outline; NaN where there is none."""
    boxes = np.empty((len(wkb), 4))
    simple = are_single_rings(wkb)
    if simple.any():
        content, starts = bytes_and_starts(pc.binary_slice(wkb.filter(pa.array(simple)), RING_HEAD, LONGEST))
        point = content[starts[0] : starts[-1]].view("<f8").reshape(-1, 2)
        first = (starts[:-1] - starts[0]) // point.itemsize // 2
        boxes[simple] = np.hstack([np.minimum.reduceat(point, first), np.maximum.reduceat(point, first)])
    others = wkb.filter(pa.array(~simple)).to_numpy(zero_copy_only=False)
    boxes[~simple] = shapely.bounds(shapely.from_wkb(others))
    return boxes


def usual(file: str, error: Unusual) -> InputRefused:
    """The refusal of what only the plain readers can name: a cluster has none of them."""
    words = N_("a cluster cannot read this file as it is ({reason}); look at it with landgis check, put it right, and"
               " run again; or score it on one machine")  # fmt: skip
    return InputRefused([Problem("E-CLUSTER-INPUT", Message(words, {"reason": str(error)}), Place(file))])


def batches(stream: Stream, part: Range, names: Collection[str] | None = None, *, outlines: bool) -> Iterator[Batch]:
    """The rows of a range, batch by batch; `first` of a batch counts from the beginning of the file."""
    try:
        yield from stream.batches(names, outlines=outlines, groups=(part.first, part.last))
    except Unusual as error:
        raise usual(stream.source.file, error) from error


def glance(stream: Stream) -> Stream:
    """A stream whose cells another task looks at: what is read of it is not checked again."""
    stream.checked.update(one.source for one in stream.plan.columns)
    stream.checked.add(str(stream.outlines))
    return stream


def require_good_place(stream: Stream, total: np.ndarray) -> None:
    """Refuse a layer whose box (NaN where there is none) is not where its CRS is used."""
    try:
        stream.lies_well(tuple(total.tolist()))
    except Unusual as error:
        raise usual(stream.source.file, error) from error
