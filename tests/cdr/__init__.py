"""Records and recordings."""
