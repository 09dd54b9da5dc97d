"""A plan into the register, and planning again when the land does not keep to it."""
