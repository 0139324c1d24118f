"""Settings, schema and engine."""
