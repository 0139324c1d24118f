"""Collect calls that the called party's own telephone company bills: files to and from it."""
