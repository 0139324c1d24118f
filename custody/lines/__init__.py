"""The lines: phones, trunks and hotlines, and what staff did to them."""
