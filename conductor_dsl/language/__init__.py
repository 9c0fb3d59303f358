"""From text to a checked flow; pure, no input or output."""
