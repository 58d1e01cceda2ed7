"""Recorded access logs of one server per arm: a small module for every format, and one pipeline for them all.

files: bytes become lines that can be read. pieces, pattern: what a line looks like. form: what a format must be
able to say. reading: lines become the table of an arm, and an account of all of them.
"""
