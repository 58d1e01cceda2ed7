"""Logging in and out, and what of it is put on record."""
