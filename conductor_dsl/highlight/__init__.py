"""Colours for scripts: a Pygments lexer and a TextMate grammar, both made from the words of the installed plugins."""
