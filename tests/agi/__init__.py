"""The line: AGI's bytes, the channel, the server."""
