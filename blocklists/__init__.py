"""Whom may be called: numbers, never-dialled classes, blocked and privileged lists."""
