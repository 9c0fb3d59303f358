"""What an editor asks of a script: what may stand here, what this means, where it comes from, what it is called."""
