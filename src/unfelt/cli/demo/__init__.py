"""unfelt demo: a shop whose architecture really changes, in three acts."""
