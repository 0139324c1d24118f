"""What the layers ask of a call: facility, unit, phone, person, number. The strictest wins."""
