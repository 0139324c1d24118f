"""Money that comes in: by card through a gateway, and by files of payments."""
