"""What pages, commands and the API show, read from the records. Nothing is written here."""
