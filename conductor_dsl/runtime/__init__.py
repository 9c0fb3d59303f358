"""The durable engine: batches in, batches out."""
