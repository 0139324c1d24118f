"""What a jail management system tells of people: read, kept, and made their standing here."""
