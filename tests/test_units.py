from fractions import Fraction

import pytest

from landgis.units import M2_PER_MU, m2_to_mu, mu_to_m2


def test_mu_is_exactly_two_thousand_thirds_of_a_square_metre():
    assert Fraction(2000, 3) == M2_PER_MU


@pytest.mark.parametrize(
    ("area_m2", "mu"),
    [(1_190_000, 1785), (10_000, 15), (18_702_400, 28_053.6), (317_800, 476.7), (46_800, 70.2)],
)
def test_published_areas(area_m2, mu):
    assert m2_to_mu(float(area_m2)) == mu
    assert mu_to_m2(float(mu)) == pytest.approx(area_m2, rel=1e-15)
