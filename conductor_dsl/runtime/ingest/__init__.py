"""From a file of contacts, orders, events or consents to rows in the store: line by line, batch by batch."""
