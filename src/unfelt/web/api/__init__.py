"""The API: what the pages and commands do, for scripts."""
