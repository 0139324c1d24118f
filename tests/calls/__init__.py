"""Whole calls: real phones through a real Asterisk."""
