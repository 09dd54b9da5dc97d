"""Who is not signed in gets nothing: every route, each way of asking; and what the answers say to the browser."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from landgis.ui.guard import Guard
from landgis.ui.routes import routes
from landgis.ui.server import IDLE_S, LONGEST_S, SESSION_COOKIE, Server, with_user
from landgis.workflow.project import open_project
from landgis.workflow.users import add_user
from landgis.workflow.zone import read_zone
from tests.made_project import make_project, walk

PASSWORD = "chang cheng 1368"
OURS = [
    "/geo/1/0/parcels.geojson", "/swatch/0072b2-none.svg", "/file/picture", "/file/" + "0" * 64, "/file/style.json",
    "/print/P1", "/tiles/1/1/1", f"/geo/1/0/plan/{'0' * 32}/parcels.geojson",
]  # fmt: skip


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def server(tmp_path):
    project = make_project(tmp_path)
    walk(project, "P1", "IDENTIFIED")
    add_user(project, "wang", "administrator", PASSWORD)
    add_user(project, "li", "viewer", PASSWORD)
    project.store.close()
    return Server(str(tmp_path / "project"), now=Clock())


@pytest.fixture
def client(server):
    async def page(_):
        return PlainTextResponse("the app")

    async def socket(websocket):
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    inside = [
        *routes(server),
        Route("/", page),
        Route("/_stcore/health", page),
        WebSocketRoute("/_stcore/stream", socket),
    ]
    app = Starlette(routes=inside, middleware=[Middleware(Guard, server=server)])
    return TestClient(app, follow_redirects=False)


def sign_in(client, name="li", password=PASSWORD, **form):
    return client.post("/sign-in", data={"name": name, "password": password, **form})


@pytest.mark.parametrize("path", OURS)
def test_no_route_answers_without_a_session(client, path):
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"accept": "text/html"}).status_code == 401
    assert client.get(path, cookies={SESSION_COOKIE: "made-up"}).status_code == 401


def test_every_route_of_ours_is_among_those_tried(server):
    tried = {path.split("/")[1] for path in OURS} | {"sign-in", "sign-out"}
    assert {route.path.split("/")[1] for route in routes(server)} == tried


def test_a_page_leads_to_the_form_and_back(client):
    answer = client.get("/?block=LCC&day=2026-03-01", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=%2F%3Fblock%3DLCC%26day%3D2026-03-01",
    )
    form = client.get(answer.headers["location"])
    assert 'value="/?block=LCC&amp;day=2026-03-01"' in form.text
    back = sign_in(client, next="/?block=LCC&day=2026-03-01")
    assert (back.status_code, back.headers["location"]) == (303, "/?block=LCC&day=2026-03-01")
    cookie = back.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert client.get("/").text == "the app"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(client, elsewhere):
    assert sign_in(client, next=elsewhere).headers["location"] == "/"


def test_a_websocket_without_a_session_is_closed(client):
    with pytest.raises(WebSocketDisconnect) as refusal, client.websocket_connect("/_stcore/stream"):
        pass
    assert refusal.value.code == 4401
    sign_in(client)
    with client.websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == "hello"


def test_wrong_passwords_are_counted_and_named_in_chinese(client, server):
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 401
    waiting = sign_in(client)
    assert waiting.status_code == 401
    assert "li" in waiting.text and 'role="alert"' in waiting.text
    server.now.now += 61
    assert sign_in(client).status_code == 303


@pytest.mark.parametrize(
    ("waits", "still"), [([IDLE_S - 1] * 3, True), ([IDLE_S + 1], False), ([IDLE_S - 1] * 40, False)]
)
def test_a_session_ends(client, server, waits, still):
    sign_in(client)
    for wait in waits:
        server.now.now += wait
        answer = client.get("/")
    assert (sum(waits) > LONGEST_S or waits[0] > IDLE_S) != still
    assert (answer.status_code == 200) == still


def test_signing_out_ends_it_at_once(client):
    token = sign_in(client).cookies[SESSION_COOKIE]
    client.post("/sign-out")
    assert client.get("/", cookies={SESSION_COOKIE: token}).status_code == 401


def test_the_role_is_that_of_who_signed_in(client, server):
    token = sign_in(client, "li").cookies[SESSION_COOKIE]
    assert server.who({SESSION_COOKIE: token}).actor.role == "viewer"
    assert server.who({}) is None


def test_shapes_come_zipped_tagged_and_private(client, server):
    sign_in(client)
    zone = server.zone(server.who(dict(client.cookies)))
    answer = client.get(f"/geo/{zone.version}/0/parcels.geojson")
    assert answer.headers["content-encoding"] == "gzip" and "private" in answer.headers["cache-control"]
    features = answer.json()["features"]
    assert [feature["properties"]["id"] for feature in features] == ["P1", "P2", "P3", "P4", "P5", "P6"]
    again = client.get(f"/geo/{zone.version}/0/parcels.geojson", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for wrong in (
        f"/geo/{zone.version}/0/nothing",
        f"/geo/{zone.version}/99/parcels.geojson",
        "/geo/other/0/blocks.geojson",
    ):
        assert client.get(wrong).status_code == 404


def test_answers_forbid_what_the_app_does_not_need(client):
    headers = client.get("/sign-in").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"].replace("https:", "")
    assert headers["x-content-type-options"] == "nosniff"


def test_without_users_whoever_can_open_the_project_is_let_in(tmp_path):
    make_project(tmp_path).store.close()
    found = Server(str(tmp_path / "project"), nobody="li").who({})
    assert (found.actor.name, found.actor.role) == ("li", "administrator")
    assert read_zone(open_project(str(tmp_path / "project"))).version == Server("").zone(found).version


def test_who_signs_in_to_the_database_is_put_into_the_url():
    assert with_user("postgresql://db:5432/zone", "li@x", "a/b:c") == "postgresql://li%40x:a%2Fb%3Ac@db:5432/zone"
    assert Server("postgresql://db:5432/zone").by_database and not Server("postgresql://a:b@db/zone").by_database
