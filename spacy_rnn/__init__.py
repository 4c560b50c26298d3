"""Recurrent networks as spaCy components."""

__version__ = "0.1.0"
