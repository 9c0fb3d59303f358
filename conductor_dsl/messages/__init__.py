"""Templates, saved messages, SMS segments, MIME and previews; pure."""
