"""The settings page: what it shows is what the project has; what it changes is in the ledger, and roles are kept."""

import pandas as pd
import pytest

from landgis.rules import load_rules
from landgis.workflow.project import open_project
from landgis.workflow.users import add_user
from tests.made_project import make_project
from tests.ui.conftest import run_page


@pytest.fixture
def small(tmp_path):
    """A project of six parcels, its folder."""
    make_project(tmp_path).store.close()
    return tmp_path / "project"


def opened(where):
    return open_project(str(where), nobody="t")


def button(test, label: str):
    return next(one for one in test.button if one.label == label)


def texts(test) -> list[str]:
    return [one.value for one in (*test.text, *test.caption, *test.success, *test.warning, *test.error)]


def test_every_number_of_the_rule_set_and_which_are_unverified(page):
    test = page("settings", lang="en")
    rules = load_rules("yongkang-draft")
    shown = test.dataframe[0].value
    assert shown["path"].tolist() == [figure.path for figure in rules.figures]
    doubtful = [figure.path for figure in rules.figures if figure.status == "unverified"]
    assert shown["path"][shown["status"] == "unverified"].tolist() == doubtful
    assert test.warning[0].value.startswith(f"{len(doubtful)} of {len(rules.figures)} numbers")
    assert shown.set_index("path")["value"]["storey.double_above_m"] == "8"
    test.toggle(key="settings_doubtful").set_value(True).run()
    assert test.dataframe[0].value["path"].tolist() == doubtful
    assert [one.value for one in test.metric][:3] == ["40%", "20%", "40%"]


def test_freezing_a_plan_puts_it_into_the_ledger(small):
    test = run_page(small, "settings", lang="en")
    assert any(text.startswith("no plan is frozen") for text in texts(test))
    next(one for one in test.text_input if one.label == "name of the plan").set_value("plan of <b>2026</b>")
    button(test, "freeze the plan as it is now").click().run()
    assert not test.exception
    last = list(opened(small).store.entries())[-1]
    assert (last.action, last.more["name"], last.recorded_by) == ("baseline", "plan of <b>2026</b>", "li")
    plans = test.dataframe[1].value
    assert plans[["name", "by", "line"]].to_numpy().tolist() == [["plan of <b>2026</b>", "li", last.seq]]
    next(one for one in test.text_input if one.label == "name of the plan").set_value("plan of <b>2026</b>")
    button(test, "freeze the plan as it is now").click().run()
    assert "there is a baseline" in test.error[0].value and "<b>" not in test.error[0].value


def test_an_empty_name_freezes_nothing(small):
    test = run_page(small, "settings", lang="en")
    before = opened(small).store.head()
    button(test, "freeze the plan as it is now").click().run()
    assert opened(small).store.head() == before


def test_the_first_user_is_an_administrator_and_then_one_has_to_sign_in(small):
    test = run_page(small, "settings", lang="en")
    fields = {one.label: one for one in test.text_input}
    fields["name"].set_value("wang")
    fields["password"].set_value("long enough")
    role = next(one for one in test.selectbox if one.label == "role")
    role.set_value("officer")
    button(test, "add or change the user").click().run()
    assert "needs an administrator" in test.error[0].value
    assert opened(small).store.users() == []
    fields = {one.label: one for one in test.text_input}
    fields["name"].set_value("wang")
    fields["password"].set_value("long enough")
    next(one for one in test.selectbox if one.label == "role").set_value("administrator")
    button(test, "add or change the user").click().run()
    project = open_project(str(small), by="wang", ask=lambda: "long enough")
    assert [(user.name, user.role) for user in project.store.users()] == [("wang", "administrator")]
    assert any("Sign in" in one.value for one in test.warning)


def test_a_short_password_is_refused(small):
    test = run_page(small, "settings", lang="en")
    fields = {one.label: one for one in test.text_input}
    fields["name"].set_value("wang")
    fields["password"].set_value("short")
    button(test, "add or change the user").click().run()
    assert test.error and opened(small).store.users() == []


def as_role(where, monkeypatch, role):
    """The page as a user of a role sees it."""
    from landgis.roles import Actor
    from landgis.ui.server import Server
    from landgis.workflow.project import Project

    monkeypatch.setattr(Server, "who", lambda self, cookies: Project(self.store, Actor("zhao", role)))
    return run_page(where, "settings", lang="en")


@pytest.mark.parametrize("role, freezes, adds", [
    ("viewer", False, False), ("officer", False, False), ("approver", True, False), ("administrator", True, True)])  # fmt: skip
def test_a_role_is_offered_what_it_may(small, monkeypatch, role, freezes, adds):
    project = opened(small)
    add_user(project, "boss", "administrator", "long enough")
    project.store.close()
    test = as_role(small, monkeypatch, role)
    labels = {one.label for one in test.button}
    assert ("freeze the plan as it is now" in labels) is freezes
    assert ("add or change the user" in labels) is adds
    assert any("freezing a plan takes the role approver" in text for text in texts(test)) is not freezes
    assert test.dataframe[1].value["name"].tolist() == ["boss"]


def test_the_ledger_is_checked_line_by_line(small):
    test = run_page(small, "settings", lang="en")
    head = opened(small).store.head()
    assert test.code[0].value == head.hash and any(f"has {head.seq} lines" in text for text in texts(test))
    test.button(key="settings_verify").click().run()
    assert test.success[0].value == f"the ledger is whole: {head.seq} lines, each as it was recorded"


def test_a_line_that_was_changed_is_found(small):
    import pysqlite3

    database = next(path for path in small.iterdir() if path.suffix == ".sqlite")
    with pysqlite3.connect(str(database)) as connection:
        triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE entries SET recorded_by = 'nobody' WHERE seq = 1")
    connection.close()
    test = run_page(small, "settings", lang="en")
    test.button(key="settings_verify").click().run()
    assert "line 1 of the ledger was changed" in test.error[0].value.replace("\\", "") and not test.success


def test_how_old_the_facts_are(page, sample_copy):
    test = page("settings", lang="en")
    ages = next(
        one.value for one in test.dataframe if "latest day on which something happened" in one.value.iloc[:, 0].tolist()
    )
    ages = ages.set_index("what")
    events = pd.read_csv("data/parcels/events.csv", dtype=str)
    newest = events[events["kind"] == "actual"]["occurred_on"].max()
    assert ages.loc["latest day on which something happened", "at"] == "Jun 30, 2024" and newest == "2024-06-30"
    assert ages.loc["layers imported", "line"] == 1
    assert ages.loc["last line recorded", "line"] == opened(sample_copy).store.head().seq
    assert ages.loc["parcels scored", "at"] != "—"


def test_what_is_not_there_is_a_dash(small):
    ages = next(
        one.value
        for one in run_page(small, "settings", lang="en").dataframe
        if "parcels scored" in one.value.iloc[:, 0].tolist()
    )
    assert ages.set_index("what").loc["parcels scored", "at"] == "—"


def test_no_password_and_no_hash_of_one_is_shown(small, monkeypatch):
    project = opened(small)
    add_user(project, "boss", "administrator", "long enough")
    kept = project.store.users()[0].password_hash
    project.store.close()
    test = as_role(small, monkeypatch, "administrator")
    shown = " ".join(str(one.value.to_numpy().tolist()) for one in test.dataframe) + " ".join(texts(test))
    assert "boss" in shown and kept not in shown and "scrypt" not in shown
