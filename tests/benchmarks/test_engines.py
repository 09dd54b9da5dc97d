"""Every engine that is installed gives the answers of geopandas' overlay, landgis itself included."""

import pandas as pd
import pytest

from benchmarks.score import agree, job
from benchmarks.score.field import FIELD, OVERLAY
from benchmarks.score.meter import metered
from landgis.rules import load_rules

ENGINES = {engine.name: engine for engine in FIELD}


def answer(engine, files, folder, environ=None):
    out = folder / "out.parquet"
    if engine.prepared:
        metered(engine.preparation(files), environ)
    metered(engine.command(files, out), environ)
    return out


@pytest.fixture(scope="session")
def reference(made, tmp_path_factory):
    return answer(ENGINES[OVERLAY], made, tmp_path_factory.mktemp("overlay"))


@pytest.mark.parametrize("name", [name for name in ENGINES if name != OVERLAY])
def test_the_answers_agree(name, made, reference, tmp_path, request):
    engine = ENGINES[name]
    if lacks := engine.lacks():
        pytest.skip(lacks)
    environ = request.getfixturevalue("server").environ if engine.served else None
    found = agree.agreement(answer(engine, made, tmp_path, environ), reference)
    assert found.holds, found


def test_the_answers_have_every_case(reference):
    """Firmless parcels, firms whose tax nobody knows, empty parcels, all grades: else agreement would say little."""
    found = agree.answers(reference)
    assert (found["occupant_count"] == 0).any() and (found["footprint_m2"] == 0).any()
    assert found["tax_per_mu"].isna().any() and not found["output_per_mu"].isna().any()
    assert found["tenancy_fragmentation"].isna().sum() == (found["occupant_count"] == 0).sum()
    assert found["grade"].value_counts().to_dict() == {"A": 400, "B": 800, "C": 700, "D": 100}
    assert found["floor_area_ratio"].max() > job.FAR_FULL


@pytest.mark.parametrize(
    ("column", "change"),
    [("footprint_m2", lambda old: old * (1 + 2e-6)), ("tax_per_mu", lambda _: float("nan")), ("grade", lambda _: "Z")],
)
def test_one_wrong_value_is_noticed(reference, tmp_path, column, change):
    wrong = pd.read_parquet(reference)
    at = int(wrong[column].first_valid_index() if column == "grade" else wrong[column].idxmax())
    wrong.loc[at, column] = change(wrong.loc[at, column])
    wrong.to_parquet(tmp_path / "wrong.parquet")
    assert not agree.agreement(tmp_path / "wrong.parquet", reference).holds


def test_a_parcel_less_is_noticed_and_another_order_is_not(reference, tmp_path):
    whole = pd.read_parquet(reference)
    for name, rows in (("less", whole.iloc[1:]), ("turned", whole.iloc[::-1])):
        rows.to_parquet(tmp_path / f"{name}.parquet")
    assert not agree.agreement(tmp_path / "less.parquet", reference).holds
    assert agree.agreement(tmp_path / "turned.parquet", reference) == agree.Agreement(0.0, job.NUMBERS[0], 0)


def test_the_job_has_the_numbers_of_the_rule_set():
    rules = load_rules("yongkang-draft")
    assert dict(rules.score.weights) == {"intensity": job.INTENSITY, "tenancy": job.TENANCY, "output": job.OUTPUT}
    found = {one.metric: one for part in rules.score.parts.values() for one in part}
    full = {name: (one.weight, one.benchmark.value) for name, one in found.items()}
    assert full["floor_area_ratio"] == (job.FAR_POINTS, job.FAR_FULL)
    assert full["building_coverage_ratio"] == (job.COVERAGE_POINTS, job.COVERAGE_FULL)
    assert full["effective_occupants"] == (100, job.OCCUPANTS_FULL)
    assert found["effective_occupants"].zero == job.OCCUPANTS_NONE
    assert full["output_per_mu"] == (job.OUTPUT_POINTS, job.OUTPUT_FULL)
    assert found["tax_per_mu"].weight == job.TAX_POINTS
    by_scale = {"above_scale": job.TAX_FULL_ABOVE, "below_scale": job.TAX_FULL_BELOW}
    assert dict(found["tax_per_mu"].benchmark.by_population) == by_scale
    assert rules.score.classes.bounds == tuple(job.GRADE_SHARES.values())
    assert (rules.storey.double_above_m, rules.storey.counts) == (job.DOUBLE_ABOVE_M, 2)
