"""How the commands print what came out."""
