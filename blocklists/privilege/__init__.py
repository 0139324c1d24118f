"""Who is privileged: the registry, the lawyers in it, and what they are told."""
