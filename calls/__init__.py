"""The decision and the life of a call. Pure rules: this room never speaks."""
