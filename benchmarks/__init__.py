"""How fast landgis is, as ratios; machines are noisy, so nothing here is a test."""
