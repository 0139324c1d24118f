"""Who pays: the double-entry ledger, holds and settlement."""
