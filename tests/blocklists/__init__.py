"""Whom may be called."""
