"""The proofs; the folders mirror the rooms."""
