"""Conductor: lifecycle messaging written as text, checked like code, run durably."""

__version__ = "0.1.0"
