"""One short script per leg of a call."""
