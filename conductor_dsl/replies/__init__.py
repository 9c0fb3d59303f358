"""Replies: what people mean who answer a text. Pure functions and data; no network, no database."""
