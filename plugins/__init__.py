"""The plugins that come with Conductor; each imports nothing of the engine but its front door."""
