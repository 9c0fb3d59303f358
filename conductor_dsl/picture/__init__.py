"""A conversation as a picture for people: cards joined by lines, as SVG, PNG, Mermaid or DOT."""
