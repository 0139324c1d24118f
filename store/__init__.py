"""Settings, engine, tables and migrations. No business rule lives here."""
