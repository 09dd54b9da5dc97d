"""Events → phase; which step may follow which; progress and forecast."""
