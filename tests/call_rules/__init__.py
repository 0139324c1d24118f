"""The rules of a call without a line; tests/calls rings real phones."""
