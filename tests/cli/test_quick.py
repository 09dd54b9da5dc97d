"""What is understood without typer is what typer understands; and what is left to it."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.cli import quick, scores, scoring
from landgis.cli.tree import help_command

OPTIONS = sorted(quick._VALUES)
VALUES = st.sampled_from(
    ["a.parquet", "b c.gpkg:地块", "EPSG:4549", "1", "x=y", "~", "--json", "-1", "", "a\udc80", "score"]
)
WORDS = st.one_of(
    st.tuples(st.sampled_from(OPTIONS), VALUES),
    st.sampled_from(sorted(quick._FLAGS)).map(lambda flag: (flag,)),
    st.sampled_from(["--year", "--dictionary", "--out=o.parquet", "zone", "--ov"]).map(lambda word: (word,)),
)
NEEDED = ("--parcels", "p.parquet", "--out", "o.parquet")


def calls(monkeypatch):
    """What either way asks for, recorded instead of being done."""
    made = []
    for module in (quick, scoring):
        monkeypatch.setattr(module, "score_layers", lambda *words, **flags: made.append((words, flags)))
    return made


@settings(deadline=None)  # the first use of typer takes its time
@given(st.lists(WORDS, max_size=6), st.booleans())
def test_what_is_understood_is_what_typer_understands(parts, needed):
    words = ["score", *(NEEDED if needed else ()), *(word for part in parts for word in part)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = calls(monkeypatch)
        if quick.plain_score(words):
            help_command()(words, prog_name="landgis", standalone_mode=False)
            assert len(made) == 2 and made[0] == made[1]
        else:
            assert made == []


def test_every_option_with_a_text_is_one_of_typers():
    score = help_command().commands["score"]
    known = {name for parameter in score.params for name in parameter.opts}
    assert known >= quick._VALUES | quick._FLAGS


@pytest.mark.parametrize(
    "words", [[], ["firms", *NEEDED], ["score"], ["score", "--out", "o.parquet"], ["score", *NEEDED, "--help"],
              ["score", *NEEDED, "--report"], ["score", *NEEDED, "--rules", "--json"], ["score", *NEEDED, "zone"]],
)  # fmt: skip
def test_what_is_left_to_typer(words):
    assert quick.understood(words) is None


def test_completion_is_left_to_typer(monkeypatch):
    monkeypatch.setenv("_LANDGIS_COMPLETE", "complete_bash")
    assert quick.understood(["score", *NEEDED]) is None


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(32, "broken pipe"), 1)])
def test_an_end_that_the_user_makes_is_the_same_either_way(raised, code, monkeypatch, capfd):
    def stop(*_words, **_flags):
        raise raised

    for module in (quick, scoring):
        monkeypatch.setattr(module, "score_layers", stop)
    monkeypatch.setattr(quick.os, "dup2", lambda *_: None)
    for run in (quick.plain_score, lambda words: help_command()(words, prog_name="landgis")):
        stdout, stderr = sys.stdout, sys.stderr
        with pytest.raises(SystemExit) as ended:
            run(["score", *NEEDED])
        sys.stdout, sys.stderr = stdout, stderr  # typer puts its own in their place
        assert ended.value.code == code
    assert "Traceback" not in capfd.readouterr().err


def test_typer_is_not_imported_for_it(tmp_path):
    code = (
        "import sys; from landgis.cli.quick import plain_score\n"
        "try: plain_score(['score', '--parcels', 'none.parquet', '--out', sys.argv[1]])\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print({'typer', 'pydantic', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "o.parquet")], capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["InputRefused", "set()"], done.stderr


def test_what_is_started_later_is_told_nothing_of_threads():
    code = "from landgis.cli import scores; import os; scores._import_arrays(); print(os.environ.get('OPENBLAS_NUM_THREADS'))"
    for said in ({}, {"OPENBLAS_NUM_THREADS": "2"}):
        environment = {name: text for name, text in os.environ.items() if name not in scores._LIBRARIES} | said
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == said.get("OPENBLAS_NUM_THREADS", "None")


def test_arrow_takes_memory_where_numpy_does():
    code = "from landgis.cli.scores import _import_arrays as begin; begin(); import pyarrow as pa; "
    code += "print(pa.default_memory_pool().backend_name)"
    environment = {name: text for name, text in os.environ.items() if name not in scores._LIBRARIES}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "system"
