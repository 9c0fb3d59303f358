"""Conductor projects to learn from; `conductor init` copies them."""
