"""The work of `landgis score`: results and a report of the files, and what is said of them."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from landgis.cli.words import language, say_document, translation

if TYPE_CHECKING:
    from landgis.text import Tell
    from landgis.workflow.inputs import Inputs
    from landgis.workflow.score import ScoreRun
    from landgis.workflow.streaming.score import StreamRun

_LIBRARIES = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_GARBAGE = 100_000, 50, 50  # the job makes and keeps much, and leaves next to nothing for the collector to find


def score_layers(inputs: Inputs, out: Path, report: Path | None, *, overwrite: bool, as_json: bool) -> None:
    """Score files into a layer, write the report, and say what came out."""
    from landgis.io.write import LAYER_SUFFIXES
    from landgis.show.console import progress

    check_targets(out, report, overwrite=overwrite, suffixes=LAYER_SUFFIXES)
    with progress(translation()) as tell:
        run = _streamed(inputs, out, tell, overwrite=overwrite) or _scored(inputs, out, tell, overwrite=overwrite)
    say_run(run, str(out), report, overwrite=overwrite, as_json=as_json)


def _streamed(inputs: Inputs, out: Path, tell: Tell, *, overwrite: bool) -> StreamRun | None:
    """The run by stretches, where the files are Parquet and nothing has to be said that only the plain readers can."""
    if out.suffix.lower() != ".parquet":
        return None
    gc.disable()  # nothing that is imported is garbage
    _import_arrays()
    from landgis.lean import spare_pandas

    spare_pandas()
    from landgis.workflow.streaming.score import Unusual, score_streams

    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    gc.enable()
    try:
        return score_streams(inputs, out, overwrite=overwrite, tell=tell)
    except Unusual:
        return None


def _import_arrays() -> None:
    """Import numpy and Arrow as a batch wants them, by the environment, which is then as before for whatever follows.

    Scores want nothing of OpenBLAS, and its threads take 0.1 s before they rest. Arrow takes memory where numpy does,
    so that each takes again what the other gave back.
    """
    asked = {name: value for name, value in _LIBRARIES.items() if name not in os.environ}
    os.environ.update(asked)
    import landgis.lean  # noqa: F401  # numpy and Arrow come with it

    for name in asked:
        del os.environ[name]


def _scored(inputs: Inputs, out: Path, tell: Tell, *, overwrite: bool) -> ScoreRun:
    from landgis.workflow.score import score_files

    run = score_files(inputs, tell)
    tell("write")
    write_run(run, out, overwrite=overwrite)
    return run


def write_run(run: ScoreRun, out: Path, *, overwrite: bool) -> None:
    """Write the layer of results; what the writer remarks goes into the report."""
    from landgis.io.write import write_layer
    from landgis.results import RESULT_COLUMNS

    title = run.rules.title.zh
    run.report.log.problems += write_layer(run.frame, out, columns=RESULT_COLUMNS, overwrite=overwrite, title=title)


def say_run(run: ScoreRun | StreamRun, where: str, report: Path | None, *, overwrite: bool, as_json: bool) -> None:
    """Write the report, and say what came out."""
    from landgis.show.scored import show_run

    document, show = run.report.as_json(translation()), partial(show_run, run, where, language(), translation())
    say_document(document, report, show, overwrite=overwrite, as_json=as_json)


def check_targets(out: Path, report: Path | None, *, overwrite: bool, suffixes: Sequence[str]) -> None:
    """Refuse an output that could not be written before the long work, not after it."""
    from landgis.io.atomic import check_file
    from landgis.io.write import check_target

    check_target(out, overwrite, suffixes=suffixes)
    if report is not None:
        check_file(report, overwrite=overwrite)
