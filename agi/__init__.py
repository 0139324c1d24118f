"""What is said and asked on a line: the FastAGI server and one short script per leg."""
