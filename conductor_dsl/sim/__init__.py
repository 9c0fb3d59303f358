"""A provider that is none: it takes messages over HTTP, writes them down, and fails as it is told to fail."""
