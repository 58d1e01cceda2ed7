"""Looks from outside: HTTP, TCP, TLS, DNS and the authentication of mail."""
