"""The figures of the articles that the zone reproduces."""

from __future__ import annotations

COLUMNS = ("claim_id", "value", "unit", "subject", "as_of", "article", "note")
JULY_2023, JULY_2024 = "000 (about July 2023)", "001 (2024-07-31)"
SEPTEMBER_2022, JANUARY_2019 = "002 (2022-09-06)", "003 (January 2019)"
ROWS = (
    ("lcc_area_ha", 119, "ha", "Old Changcheng, area", "2023-07", JULY_2023, "outline in blocks; 119 ha = 1785 mu"),
    ("lcc_area_mu", 1918, "mu", "Old Changcheng, area", "", "later public case description",
     "127.87 ha; contradicts 119 ha, so it is not drawn"),
    ("renovated_parcels", 189, "parcels", "rolling renovation", "2024-07-31", JULY_2024, "ledger up to 2024-06-30"),
    ("renovated_mu", 2917.9, "mu", "rolling renovation", "2024-07-31", JULY_2024, "by registered area"),
    ("renovated_2022_mu", 1580, "mu", "low-efficiency land renovated", "2022-09-06", SEPTEMBER_2022,
     "the article: over 1580; ledger up to 2022-07-31"),
    ("renovated_2022_share", 98.8, "%", "of the year's target", "2022-09-06", SEPTEMBER_2022, "target about 1599.2 mu"),
    ("self_renovated", 18, "parcels", "renovated by the owners (mode SELF)", "2022-09-06", SEPTEMBER_2022, ""),
    ("firms_old_blocks", 740, "firms", "Old Changcheng, Lutou and Xiyuan Shanbei", "2022-09-06", SEPTEMBER_2022,
     "the article: over 740"),
    ("firms", 2271, "firms", "platform of firms", "2022-09-06", SEPTEMBER_2022, ""),
    ("indicators", 111, "indicators", "platform, for each firm", "2022-09-06", SEPTEMBER_2022, "252 081 in all"),
    ("tcc_vacated_early", 1, "quarter", "Ceramics Factory, vacated before the plan", "2022-09-06", SEPTEMBER_2022,
     "the days in the ledger are invented"),
    ("tcc_private_negotiated", 5, "firms", "Ceramics Factory, negotiated private firms", "2023-07", JULY_2023, ""),
    ("yt_area_ha", 31.78, "ha", "Yantou, park", "2019-01", JANUARY_2019, "317 800 m²; outline in blocks"),
    ("yt_first_floor_m2", 22500, "m²", "Yantou, floor area demolished first", "2018-05-18", JANUARY_2019,
     "layer buildings_demolished"),
    ("yt_first_demolition", "2018-05-18", "date", "Yantou, first demolition", "2018-05-18", JANUARY_2019, "DEMOLISHED"),
    ("yt_handed_over", "2023-03-30", "date", "Yantou, land handed over and building started", "2023-07", JULY_2023,
     "HANDED_OVER and STARTED"),
    ("xz_area_ha", 4.68, "ha", "Xizhu, area", "2019-01", JANUARY_2019, "46 800 m²"),
    ("xz_floor_m2", 110000, "m²", "Xizhu, floor area", "2019-01", JANUARY_2019, "about; 9 plants, 1 office building"),
    ("xz_started", "2018-11-09", "date", "Xizhu, start", "2018-11-09", JANUARY_2019, "nine months after the plan"),
)  # fmt: skip
# What the register counts for the same figure: milestone (or renovated, area, firms), block, mode, day.
COUNTED = {
    "lcc_area_ha": ("area", "LCC", "", ""),
    "lcc_area_mu": ("area", "LCC", "", ""),
    "renovated_parcels": ("renovated", "", "", "2024-06-30"),
    "renovated_mu": ("renovated", "", "", "2024-06-30"),
    "renovated_2022_mu": ("renovated", "", "", "2022-07-31"),
    "self_renovated": ("renovated", "", "SELF", "2022-07-31"),
    "firms_old_blocks": ("firms", "LCC;LT;XYSB", "", ""),
    "firms": ("firms", "", "", ""),
    "yt_area_ha": ("area", "YT", "", ""),
    "yt_first_floor_m2": ("DEMOLISHED", "YT", "", "2018-05-18"),
    "xz_area_ha": ("area", "XZ", "", ""),
    "xz_floor_m2": ("COMPLETED", "XZ", "", ""),
}
COUNTED_COLUMNS = ("milestone", "block_id", "renovation_mode", "counted_on")
CLAIMS = [
    dict(zip(COLUMNS, row, strict=True)) | dict(zip(COUNTED_COLUMNS, COUNTED.get(str(row[0]), ("",) * 4), strict=True))
    for row in ROWS
]
