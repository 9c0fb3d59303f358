"""Verify: whether what a database holds keeps the engine's promises. Pure functions over what happened to a contact."""
