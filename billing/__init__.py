"""After the call: what is re-rated, credited and given back."""
