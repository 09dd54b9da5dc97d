"""Pages run without a browser, on a copy of the sample zone."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from landgis.ui.server import Server, serve_from

SCRIPT = "from landgis.ui.frame import run\n\nrun({first!r})\n"


def run_page(where: Path, page: str, *, by="li", **link) -> AppTest:
    """One page of the app as its first run leaves it; `link` is what the address says (block, day, parcel, theme, lang …)."""
    serve_from(Server(str(where), nobody=by))
    test = AppTest.from_string(SCRIPT.format(first=page), default_timeout=60)
    for name, value in link.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, [one.value for one in test.exception]
    return test


@pytest.fixture
def page(sample_copy):
    """`page("progress", block="LCC")`: a page on the sample zone, in Chinese unless `lang="en"` is said."""
    return lambda name, **link: run_page(sample_copy, name, **link)
