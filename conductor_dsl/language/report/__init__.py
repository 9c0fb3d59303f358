"""One renderer of diagnostics per module."""
