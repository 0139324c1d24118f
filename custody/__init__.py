"""Who is held where: facilities, units, phones, people in custody, staff, the jail's own events."""
