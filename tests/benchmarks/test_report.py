"""Tables, bars and the plot, from a record made by hand."""

import doctest
import math
import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.score import agree, bars, figures, plot, record, report
from benchmarks.score.command import agrees, chosen
from benchmarks.score.field import FIELD, OURS, PEERS, TWELVE
from benchmarks.score.meter import Run
from benchmarks.score.record import Measured, Record


def runs(*walls, factor=1.0, peak=500.0):
    return [Run(wall, factor * wall, peak) for wall in walls]


def engine(*walls, relative=0.0, grades=0, **more):
    return Measured(runs(*walls, **more), relative, "score", grades)


@pytest.fixture
def found():
    """Our second run at 100 000 met noise, and so did duckdb's, as it is on machines that others use too."""
    names = (OURS, TWELVE, "duckdb", "geopandas-overlay")
    return Record(
        {"made_on": "today", "processor": "AMD", "cores": "2", "memory": "24 GiB", "python": "3.11", "nice": "0"},
        {"duckdb": "1.5.5"}, dict.fromkeys(names, "its best"), {"sedonadb": "sedonadb is missing"}, 3,
        reference="geopandas-overlay", start={name: runs(0.5) for name in names},
        data={100_000: {"parcels": 100_000, "vertices": 8.3}},
        sizes={
            10_000: {"duckdb": Measured([Run(1.0, 1.0, 1.0, {"read": 0.3, "write": w}) for w in (0.1, 0.2, 9.0)], 0.0, "score", 0)},
            100_000: {OURS: engine(1.0, 9.0, 1.0), TWELVE: engine(0.8, 0.8, 0.8), "duckdb": engine(2.0, 18.0, 2.0),
                      "geopandas-overlay": engine(7.0, 7.0, 7.0)},
            1_000_000: {OURS: engine(5.0, 5.0, 5.0, peak=1300.0), TWELVE: engine(3.0, 3.0, 3.0),
                        "duckdb": engine(9.0, 9.0, 9.0, factor=2.0), "geopandas-overlay": engine(40.0, 40.0, 40.0)},
        },
    )  # fmt: skip


@pytest.mark.parametrize("module", [figures, agree])
def test_examples(module):
    done = doctest.testmod(module)
    assert done.attempted and not done.failed


def test_ratios_are_of_runs_of_one_round(found):
    assert figures.ratio(found, 100_000, OURS, "duckdb") == 0.5
    assert figures.ratio(found, 100_000, "duckdb", OURS) == 2.0
    assert math.isnan(figures.ratio(found, 100_000, OURS, "sedonadb"))


def test_growth_with_and_without_the_start(found):
    assert figures.exponent(found, OURS, 100_000, 1_000_000) == pytest.approx(math.log10(5))
    assert figures.exponent(found, OURS, 100_000, 1_000_000, start=True) == pytest.approx(math.log10(9))


def test_bars_say_what_was_reached(found):
    held = {(bar.rows, bar.words): (value, value <= bar.most) for bar, value in bars.reached(found)}
    assert held[100_000, "full contract ÷ fastest peer, wall"] == (0.5, True)
    assert held[1_000_000, "full contract ÷ fastest peer, wall"] == (pytest.approx(5 / 9), False)
    assert held[1_000_000, "full contract ÷ fastest peer, processor"] == (pytest.approx(5 / 18), True)
    assert held[1_000_000, "full contract, peak memory, MB"] == (1300, False)
    assert held[1_000_000, "full contract ÷ geopandas overlay, wall"] == (0.125, True)
    assert held[1_000_000, "twelve columns ÷ fastest peer, wall"] == (pytest.approx(1 / 3), True)
    assert math.isnan(held[1_000_000, "full contract ÷ PostGIS with load, wall"][0])
    assert not any(rows == 20_000 for rows, _ in held)


def test_the_report_names_everybody(found):
    text = report.markdown(found)
    assert "| duckdb | 2.00 (2.00–18.00) | 2.00 | 500 | 0.50 | 0.50 | 0.40 | 0e+00 | 0 |" in text
    assert "| sedonadb | sedonadb is missing |" in text
    assert "- duckdb: read 0.30; write 0.20" in text
    assert "not measured" in text and "reference" in text
    sections = text.split("### ")[2:4]  # after the size at which one engine ran alone
    assert [{line.count("|") for line in part.splitlines() if line.startswith("|")} for part in sections] == [
        {10},
        {10},
    ]


def test_a_wrong_or_failed_engine_stands_out(found):
    assert agrees(found)
    found.sizes[100_000]["duckdb"] = engine(2.0, 2.0, 2.0, relative=0.3, grades=7)
    assert not agrees(found)
    assert "| **3e-01 (score)** | 7 |" in report.markdown(found)
    found.sizes[100_000]["duckdb"] = Measured(failed="no memory")
    assert not agrees(found)
    assert "failed: no memory" in report.markdown(found)


def test_the_plot_has_a_line_an_engine(found):
    drawn = ElementTree.fromstring(plot.svg(found))
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"duckdb 9.00 s", "landgis 5.00 s", "100,000", "1,000,000"} <= set(words)
    points = {dot.get("cx"): dot.get("cy") for dot in drawn.iter("{http://www.w3.org/2000/svg}circle")}
    assert len(points) == 3


def test_a_record_is_read_as_it_was_written(found, tmp_path):
    found.write(tmp_path / "score.json")
    assert record.read(tmp_path / "score.json") == found


def test_a_peer_that_is_not_there_is_named_and_an_unknown_one_refused(monkeypatch):
    monkeypatch.setattr("benchmarks.score.field._there", lambda name: name != "duckdb")
    engines, missing = chosen("all")
    assert missing == {"duckdb": "duckdb is missing; install landgis[bench]"}
    assert (
        {engine.name for engine in engines} | {"duckdb"} == {engine.name for engine in FIELD} == {OURS, TWELVE, *PEERS}
    )
    assert [engine.name for engine in chosen("none")[0]] == [OURS, TWELVE]
    with pytest.raises(SystemExit, match="no peer is called duckdbb"):
        chosen("duckdbb")


def test_an_engine_that_fails_is_named_and_the_others_go_on(tmp_path, monkeypatch):
    """A whole run of two engines, one of which ends with an error in its warm-up and one in its second round."""
    from dataclasses import replace

    from benchmarks.score import turns
    from benchmarks.score.meter import Failed

    engines = [replace(engine, prepared=False) for engine in FIELD if engine.name in (OURS, TWELVE, "duckdb")]
    calls = dict.fromkeys((engine.name for engine in engines), 0)

    def pretend(engine, _files, out, _server):
        calls[engine.name] += 1
        if (engine.name, calls[engine.name]) in {("duckdb", 1), (TWELVE, 3)}:
            raise Failed("no memory")
        out.write_bytes(b"")
        return Run(1.0, 1.0, 1.0)

    monkeypatch.setattr(turns, "one_run", pretend)
    monkeypatch.setattr(turns, "agreement", lambda *_: agree.Agreement(0.0, "score", 0))
    made = Record({}, {}, {}, {}, 3, reference=OURS)
    turns.measure(made, engines, tmp_path, 200, server=None, tell=lambda _: None)
    assert {name: (len(one.runs), one.failed) for name, one in made.sizes[200].items()} == {
        OURS: (3, None), TWELVE: (1, "no memory"), "duckdb": (0, "no memory"),
    }  # fmt: skip
