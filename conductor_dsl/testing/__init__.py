"""A kit for tests of conversations and for plugin authors."""
