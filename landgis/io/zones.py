"""China's Gauss-Krüger zones and their EPSG codes, and which CRS a pair of numbers could be in."""

from __future__ import annotations

from dataclasses import dataclass

CHINA = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north, in degrees
_NORTHINGS = (300_000.0, 6_000_000.0)  # of China's land, in metres
_WEB_MERCATOR_HALF_M = 20_037_508.4
_FIRST_ZONE = {3: 25, 6: 13}
_LAST_ZONE = {3: 45, 6: 23}
_FIRST_CODES = {  # datum → zone width in degrees → first code with the zone in the easting, first code without
    "CGCS2000": {3: (4513, 4534), 6: (4491, 4502)},
    "Xian 1980": {3: (2349, 2370), 6: (2327, 2338)},
    "Beijing 1954": {3: (2401, 2422), 6: (21413, 21453)},
}


@dataclass(frozen=True)
class Zone:
    """One Gauss-Krüger zone of a datum; `numbered` where eastings carry the zone before six digits."""

    datum: str
    width: int
    number: int
    numbered: bool

    @property
    def code(self) -> int:
        """The EPSG code."""
        first = _FIRST_CODES[self.datum][self.width][0 if self.numbered else 1]
        return first + self.number - _FIRST_ZONE[self.width]

    @property
    def meridian(self) -> int:
        """The central meridian in degrees."""
        return 3 * self.number if self.width == 3 else 6 * self.number - 3


def zone_of_code(code: int | None) -> Zone | None:
    """The zone that an EPSG code stands for; None for every other CRS.

    >>> zone_of_code(4549), zone_of_code(4528).numbered, zone_of_code(32650)
    (Zone(datum='CGCS2000', width=3, number=40, numbered=False), True, None)
    """
    for datum, widths in _FIRST_CODES.items():
        for width, firsts in widths.items():
            for first, numbered in zip(firsts, (True, False), strict=True):
                number = _FIRST_ZONE[width] + (code or 0) - first
                if _FIRST_ZONE[width] <= number <= _LAST_ZONE[width]:
                    return Zone(datum, width, number, numbered)
    return None


def zone_of_number(number: int, datum: str, *, numbered: bool) -> Zone | None:
    """The zone of a number: 13 to 23 count six degrees each, 25 to 45 three; None for others.

    >>> zone_of_number(40, "CGCS2000", numbered=True).code, zone_of_number(20, "CGCS2000", numbered=False).code
    (4528, 4509)
    """
    for width, first in _FIRST_ZONE.items():
        if first <= number <= _LAST_ZONE[width]:
            return Zone(datum, width, number, numbered)
    return None


def zone_prefix(easting: float) -> int | None:
    """The zone before the six digits of an easting; None where it has no more than these."""
    return int(easting // 1_000_000) if easting >= 10_000_000 else None


def is_in_china(lon: float, lat: float) -> bool:
    """Whether a point may be in China, by degrees alone."""
    west, south, east, north = CHINA
    return west <= lon <= east and south <= lat <= north


def candidates(x: float, y: float) -> list[str]:
    """The CRSs that coordinates like these are usually in, likeliest first.

    >>> candidates(121.5, 31.2)[0], candidates(40502850, 3200500), candidates(502850, 3200500)[0]
    ('EPSG:4490', ['EPSG:4528'], 'EPSG:4549')
    """
    if abs(x) <= 180 and abs(y) <= 90:
        return ["EPSG:4490", "EPSG:4326", "EPSG:4610"] if is_in_china(x, y) else ["EPSG:4326"]
    if not _NORTHINGS[0] <= y <= _NORTHINGS[1]:
        is_mercator = abs(x) <= _WEB_MERCATOR_HALF_M and abs(y) <= _WEB_MERCATOR_HALF_M
        return ["EPSG:3857"] if is_mercator and max(abs(x), abs(y)) > 1000 else []
    if 100_000 <= x <= 900_000:
        return ["EPSG:4549", "EPSG:4548", "EPSG:4550"]
    mercator = ["EPSG:3857"] if 8_100_000 <= x <= 15_100_000 else []  # some of it looks like zones 13 to 15
    zone = zone_of_number(zone_prefix(x) or 0, "CGCS2000", numbered=True)
    return [*mercator, f"EPSG:{zone.code}"] if zone else mercator


def could_be_swapped(x: float, y: float) -> bool:
    """Whether the numbers make sense only as latitude, longitude or as northing, easting."""
    return not candidates(x, y) and bool(candidates(y, x))
