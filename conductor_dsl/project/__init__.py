"""A project on disk: `conductor.toml`, scripts and saved messages, read into nouns."""
