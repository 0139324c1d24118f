"""The HTTP API: accounts and payments for websites, kiosks and facilities. It decides nothing."""
