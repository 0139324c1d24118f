"""What happened: call records and recordings."""
