"""Changes that your customers never feel (无感变更)."""

__version__ = "0.1.0"
