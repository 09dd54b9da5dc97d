"""Where a project is kept: one contract (`base`), three stores: memory, local (a folder), PostGIS."""
