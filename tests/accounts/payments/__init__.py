"""Payments: the gateway, charge-backs, reconciliation, files."""
