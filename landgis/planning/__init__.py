"""Which land next, in which mode, and where its firms go meanwhile: arrays in, arrays out."""
