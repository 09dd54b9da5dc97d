"""The formats at size: reading and writing beside geopandas and pyogrio, and tiles."""
