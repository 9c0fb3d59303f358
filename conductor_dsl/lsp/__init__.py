"""The language server: what an editor asks, answered over the Language Server Protocol."""
