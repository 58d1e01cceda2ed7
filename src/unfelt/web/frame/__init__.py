"""What every page stands in: the page itself, its words, tables, files and colours."""
