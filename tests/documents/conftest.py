"""Every test here needs a Chinese font."""

import pytest

from tests.documents.made import chinese_font


@pytest.fixture(scope="session", autouse=True)
def font():
    chinese_font()
