"""One check per module, run in the order of CHECKS."""
