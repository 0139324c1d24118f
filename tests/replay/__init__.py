"""Whole calls without Asterisk: the real scripts, a real database, a fake line and a fake clock."""
