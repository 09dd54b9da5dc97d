"""The commands of the register as users type them: exit codes, what goes where, in both languages."""

import json
import os
import shutil
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest

from landgis.workflow.sample import sample_folder
from tests.made_project import template, write_layers
from tests.postgres import database, postgres  # noqa: F401  (fixtures)

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture
def project(tmp_path):
    shutil.copytree(template(()), tmp_path / "project")
    return tmp_path / "project"


def one_line_a_problem(ran, code, *words):
    assert ran.code == code, ran.err
    lines = ran.err.strip().splitlines()
    assert lines and all(line.startswith("landgis: ") for line in lines), ran.err
    for word in words:
        assert word in ran.err


def test_from_files_to_status(landgis, tmp_path):
    layers = write_layers(tmp_path)
    made = landgis("new", tmp_path / "p", "--parcels", layers.parcels, "--buildings", layers.buildings, "--blocks",
                   layers.blocks, "--occupancies", layers.occupancies, "--json")  # fmt: skip
    assert (made.code, made.report()["rows"]["parcels"], made.err) == (0, 6, "")
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == ["parcels.gpkg", "project.sqlite"]
    for step, day in (("低效认定", "2024-01-01"), ("SIGNED", "2024年2月1日"), ("VACATED", "2024-03")):
        ran = landgis("record", tmp_path / "p", "P1", step, "--on", day, "--by", "li", "--json")
        assert ran.code == 0, ran.err
    assert ran.report()[0]["recorded_by"] == "li"
    status = landgis("status", tmp_path / "p", "--as-of", "2024-03-15", "--json").report()
    assert status["as_of"] == "2024-03-15" and set(status) >= {"as_of", "known_on", "zone", "blocks"}
    four = {"parcels": 1, "mu": 9.0, "floor_area_m2": 4000.0, "occupants": 2}
    assert status["zone"]["SIGNED"] == four
    assert status["zone"]["VACATED"]["parcels"] == 0  # by 15 March it is not sure
    assert [one["block_id"] for one in status["blocks"]] == ["B1", "B2"]
    assert status["blocks"][0]["name"] == "甲块" and status["blocks"][0]["SIGNED"] == four
    assert (
        landgis("status", tmp_path / "p", "--as-of", "2024-03-31", "--json").report()["zone"]["VACATED"]["parcels"] == 1
    )


def test_streets_of_the_sample(landgis, tmp_path):
    layers, streets = write_layers(tmp_path), f"{sample_folder() / 'zone.gpkg'}:streets"
    checked = landgis("check", streets, "--json").report()[0]
    assert (checked["table"], checked["accepted"], checked["rows"], checked["warnings"]) == ("streets", True, 197, [])
    made = landgis("new", tmp_path / "p", "--parcels", layers.parcels, "--streets", streets, "--json")
    assert made.report()["rows"] == {"parcels": 6, "streets": 197}
    assert landgis("import", tmp_path / "p", "--streets", streets, "--json").report()["rows"] == {"streets": 197}
    one_line_a_problem(landgis("import", tmp_path / "p", "--streets", layers.blocks), 3, "E-GEOM-TYPE", "no line")


def test_exit_4_is_the_registers_no(landgis, project):
    one_line_a_problem(
        landgis("record", project, "P1", "DEMOLISHED", "--on", "2024-01-01"), 4, "E-PHASE-ORDER", "vacated"
    )
    one_line_a_problem(landgis("record", project, "P9", "SIGNED", "--on", "2024-01-01"), 4, "E-PARCEL-UNKNOWN", "P9")
    one_line_a_problem(landgis("record", project, "P1", "IDENTIFIED", "--on", "2062-01-01"), 4, "E-DATE-FUTURE")
    assert landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01").code == 0
    one_line_a_problem(
        landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-02", "--version", "0"), 4, "E-PARCEL-STALE",
        "2024-01-01",
    )  # fmt: skip
    one_line_a_problem(
        landgis("record", project, "P1", "DEMOLISHED", "--on", "2024-02-01", language="zh"), 4, "拆除前须先腾空"
    )


def test_exit_2_and_3(landgis, project, tmp_path):
    assert landgis("record", project, "P1", "SIGNED").code == 2
    assert landgis("correct", project, "2", "--old", "x", "--why", "y").code == 2
    assert landgis("new", tmp_path / "q").code == 2
    assert landgis("status", "mysql://x/y").code == 2
    assert landgis("status", project, "--as-of", "yesterday").code == 2
    one_line_a_problem(landgis("status", tmp_path / "nowhere"), 3, "E-PROJECT")
    one_line_a_problem(landgis("new", project, "--parcels", write_layers(tmp_path).parcels), 3, "E-PROJECT-EXISTS")
    one_line_a_problem(
        landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01", "--evidence", "absent.pdf"), 3, "E-FILE"
    )


def test_correct_history_verify(landgis, project):
    landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01", "--by", "li")
    ran = landgis(
        "correct", project, "2", "--old", "2024-01-01", "--new", "2024-01-02", "--why", "笔误", "--by", "wang", "--json"
    )
    assert (ran.code, ran.report()[0]["corrects"], ran.report()[0]["details"]["why"]) == (0, 2, "笔误")
    one_line_a_problem(
        landgis("correct", project, "2", "--old", "2024-01-01", "--new", "2024-01-03", "--why", "x"),
        4,
        "E-OLD-VALUE",
        "wang",
    )
    lines = landgis("history", project, "P1", "--json").report()
    assert [(line["action"], line["occurred_on"], line["version"]) for line in lines] == [
        ("record", "2024-01-01", 1), ("correct", "2024-01-02", 2),
    ]  # fmt: skip
    verified = landgis("verify", project, "--json")
    assert (verified.code, verified.report()["lines"], verified.report()["problems"]) == (0, 3, [])
    assert "WAL" in verified.report()["engine"] and "FULL" in verified.report()["engine"]
    assert landgis("correct", project, "2", "--old", "2024-01-02", "--cancel", "--why", "另一宗").code == 0
    assert landgis("status", project, "--json").report()["zone"]["IDENTIFIED"]["parcels"] == 0


def test_the_same_commands_on_postgis(landgis, database, tmp_path):  # noqa: F811
    layers = write_layers(tmp_path)
    made = landgis("new", database, "--parcels", layers.parcels, "--buildings", layers.buildings, "--json")
    assert (made.code, made.err) == (0, "")
    one_line_a_problem(landgis("new", database, "--parcels", layers.parcels), 3, "E-PROJECT-EXISTS")
    assert landgis("record", database, "P1", "IDENTIFIED", "--on", "2024-01-01").code == 0
    one_line_a_problem(landgis("record", database, "P1", "DEMOLISHED", "--on", "2024-01-01"), 4, "E-PHASE-ORDER")
    status = landgis("status", database, "--as-of", "2024-06-30", "--json").report()
    assert status["zone"]["IDENTIFIED"] == {"parcels": 1, "mu": 9.0, "floor_area_m2": 4000.0, "occupants": None}
    assert landgis("score", database).code == 0
    assert landgis("export", database, "--out", tmp_path / "o.gpkg").code == 0
    assert gpd.read_file(tmp_path / "o.gpkg")["score"].notna().all()
    assert "PostgreSQL" in landgis("verify", database, "--json").report()["engine"]
    assert landgis("copy", database, tmp_path / "copy").code == 0
    heads = {landgis("verify", where, "--json").report()["hash"] for where in (database, tmp_path / "copy")}
    assert len(heads) == 1
    one_line_a_problem(landgis("status", "postgresql://nobody@127.0.0.1:1/none"), 3, "E-STORE")


def test_what_was_known_then(landgis, project):
    landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01")
    past = landgis("status", project, "--as-of", "2024-06-30", "--known-on", "2020-01-01", "--json").report()
    assert (past["known_on"], past["zone"]["IDENTIFIED"]["parcels"]) == ("2020-01-01", 0)
    now = landgis("status", project, "--as-of", "2024-06-30", "--json").report()
    assert now["zone"]["IDENTIFIED"]["parcels"] == 1


def test_events_and_their_receipt(landgis, project, tmp_path):
    pd.DataFrame(
        {
            "地块编号": ["P1", "P2", "P9"],
            "节点": ["签约", "拆除", "签约"],
            "日期": ["2024.1", "2024-02-01", "2024-03-01"],
        }
    ).to_csv(tmp_path / "e.csv", index=False)
    refused = landgis("events", project, "--import", tmp_path / "e.csv", "--json")
    assert (refused.code, refused.report()["refused"], refused.report()["written"]) == (4, 1, False)
    one_line_a_problem(refused, 4, "row 4", "P9")
    done = landgis(
        "events", project, "--import", tmp_path / "e.csv", "--set-aside", "--report", tmp_path / "r.json", "--json"
    )
    receipt = done.report()
    assert (done.code, receipt["read"], receipt["taken"], receipt["already"], receipt["refused"]) == (0, 3, 2, 0, 1)
    assert receipt["gaps"] == {"VACATED": 1} and json.loads((tmp_path / "r.json").read_text("utf-8")) == receipt
    assert "row 4" in done.err
    again = landgis("events", project, "--import", tmp_path / "e.csv", "--set-aside", "--json").report()
    assert (again["taken"], again["already"]) == (0, 2)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".csv", ".xlsx", ".parquet", ".fgb"])
def test_export_in_every_format(landgis, project, tmp_path, suffix):
    landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01")
    out = tmp_path / f"o{suffix}"
    ran = landgis("export", project, "--out", out, "--as-of", "2024-06-30")
    assert ran.code == 0, ran.err
    readers = {
        ".csv": pd.read_csv,
        ".xlsx": lambda file: pd.read_excel(file, engine="openpyxl"),
        ".parquet": gpd.read_parquet,
    }
    frame = readers.get(suffix, gpd.read_file)(out)
    assert frame["parcel_id"].tolist() == ["P1", "P2", "P3", "P4", "P5", "P6"]
    assert (frame["phase"][0], str(frame["identified_on"][0])[:10]) == ("IDENTIFIED", "2024-01-01")
    one_line_a_problem(landgis("export", project, "--out", out), 3, "E-OUT")


def test_copy_backup_restore_score(landgis, project, tmp_path):
    assert landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01").code == 0
    assert landgis("score", project).code == 0
    assert landgis("copy", project, tmp_path / "copy").code == 0
    assert landgis("backup", tmp_path / "copy", "--out", tmp_path / "b.zip").code == 0
    assert landgis("restore", tmp_path / "b.zip", tmp_path / "again").code == 0
    heads = {
        landgis("verify", where, "--json").report()["hash"]
        for where in (project, tmp_path / "copy", tmp_path / "again")
    }
    assert len(heads) == 1
    out = tmp_path / "o.geojson"
    assert landgis("export", tmp_path / "again", "--out", out).code == 0
    assert gpd.read_file(out)["score"].notna().all()


def test_the_ledger_as_a_file(landgis, project, tmp_path):
    landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01")
    assert landgis("export", project, "--out", tmp_path / "l.jsonl").code == 0
    assert landgis("verify", tmp_path / "l.jsonl").code == 0
    text = (tmp_path / "l.jsonl").read_text("utf-8")
    (tmp_path / "l.jsonl").write_text(text.replace("2024-01-01", "2023-01-01"), "utf-8")
    one_line_a_problem(landgis("verify", tmp_path / "l.jsonl"), 3, "E-LEDGER-CHAIN", "line 2")


def test_users_and_their_passwords(project):
    def run(*arguments, password=None):
        env = os.environ | {"LANDGIS_LANG": "en"} | ({"LANDGIS_PASSWORD": password} if password else {})
        done = subprocess.run([sys.executable, "-m", "landgis", *map(str, arguments)], capture_output=True, text=True,
                              env=env, stdin=subprocess.DEVNULL)  # fmt: skip
        assert "Traceback" not in done.stderr
        return done

    assert run("users", project, "--add", "li", "--role", "officer", password="correct horse").returncode == 4
    assert run("users", project, "--add", "li", "--role", "administrator", password="correct horse").returncode == 0
    added = run("users", project, "--add", "wang", "--role", "viewer", "--by", "li", password="correct horse")
    assert added.returncode == 0 and "wang  viewer" in added.stdout
    event = ("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01")
    for by, password, code in (
        (None, None, 4),
        ("li", None, 4),
        ("li", "wrong", 4),
        ("wang", "correct horse", 4),
        ("li", "correct horse", 0),
    ):
        done = run(*event, *(("--by", by) if by else ()), password=password)
        assert done.returncode == code, (by, password, done.stderr)
    assert b"correct horse" not in (project / "project.sqlite").read_bytes()


@LANGUAGES
@pytest.mark.parametrize("command", [
    ("status",), ("status", "--measure", "occupants"), ("progress",), ("history", "P1"), ("claims",), ("verify",), ("users",),
])  # fmt: skip
def test_what_people_read(landgis, project, command, language):
    landgis("record", project, "P1", "IDENTIFIED", "--on", "2024-01-01")
    ran = landgis(command[0], project, *command[1:], language=language)
    assert ran.code == 0 and ran.err == "", ran.err
    if command[0] == "status":
        assert ("全区" if language == "zh" else "zone") in ran.out


def test_the_demo_is_a_project(landgis, tmp_path):
    assert landgis("demo", tmp_path / "d", "--no-app").code == 0
    status = landgis("status", tmp_path / "d" / "zone", "--as-of", "2024-06-30", "--json").report()
    assert (status["zone"]["renovated"]["parcels"], status["zone"]["renovated"]["mu"]) == (189, 2917.9)
    again = landgis("demo", tmp_path / "d", "--no-app")
    assert again.code == 0 and "stays as it is" in again.out
