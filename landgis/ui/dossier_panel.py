"""Placeholder until its author writes it."""


def show_dossier_panel(here, *rest) -> None:  # type: ignore
    """Nothing yet."""
