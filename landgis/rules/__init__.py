"""Rule sets: what decides a score, as TOML files, one per place and year."""

from landgis.rules.loader import DEFAULT_RULES, check_rules, list_rules, load_rules

__all__ = ["DEFAULT_RULES", "check_rules", "list_rules", "load_rules"]
