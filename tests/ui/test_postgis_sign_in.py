"""On PostGIS officers sign in to the database: its roles decide, each visit with a connection of its own."""

import pytest

from landgis.errors import LandgisError
from landgis.ui.server import SESSION_COOKIE, Server
from landgis.workflow.importing import create_project
from landgis.workflow.recording import Entered, record
from tests.made_project import write_layers
from tests.postgres import database, postgres  # noqa: F401  (fixtures)


@pytest.fixture
def server(postgres, database, tmp_path):  # noqa: F811  (fixtures)
    """A server that was told the database, but no user."""
    project, _ = create_project(database, write_layers(tmp_path))
    project.store.close()
    for name, role in (("li_app", "officer"), ("wang_app", "viewer")):
        postgres.sql("postgres", f"CREATE ROLE {name} LOGIN IN ROLE landgis_{role}")
    yield Server(database.replace("postgres@", ""))
    for name in ("li_app", "wang_app"):
        postgres.sql("postgres", f"DROP ROLE {name}")


def enter(server, name):
    return server.who({SESSION_COOKIE: server.sign_in(name, "the database checks it")})


def test_roles_are_the_databases(server):
    assert server.who({}) is None and server.has_users()
    officer, viewer = enter(server, "li_app"), enter(server, "wang_app")
    assert (officer.actor.name, officer.actor.role) == ("li_app", "officer")
    assert viewer.actor.role == "viewer"
    assert record(officer, Entered("P1", "IDENTIFIED", "2026-01-01"))[0].recorded_by == "li_app"
    assert server.zone(viewer).version == server.zone(officer).version  # one zone for all
    with pytest.raises(LandgisError, match="E-ROLE"):
        record(viewer, Entered("P2", "IDENTIFIED", "2026-01-01"))
    for project in (officer, viewer):
        project.store.close()


def test_whom_the_database_does_not_know_stays_out(server):
    with pytest.raises(LandgisError):
        server.sign_in("nobody_app", "guess")
