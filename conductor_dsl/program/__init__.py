"""From a flow to operations over batches; pure."""
