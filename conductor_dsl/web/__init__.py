"""What `conductor serve` answers over HTTP: providers who tell something, and people who unsubscribe."""
