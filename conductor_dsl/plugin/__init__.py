"""The host side of plugins: contracts, hooks, discovery."""
