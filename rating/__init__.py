"""What a call costs: caps, jurisdiction, quote, charge. It reads no facility and no account."""
