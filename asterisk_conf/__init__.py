"""Asterisk's side: how to get a private Asterisk, configure it and run it."""
