"""Pages that stand alone and print well: HTML in one file."""
