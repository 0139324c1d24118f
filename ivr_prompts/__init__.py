"""Every sentence that is spoken: the catalogue, the builder, saying money, time and digits."""
