"""The schedule: site × mode × quarter under money, space and crews, with a proven gap."""
