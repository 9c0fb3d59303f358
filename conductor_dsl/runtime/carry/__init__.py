"""What stands between the engine and its providers: pace, breaker, failover, each a provider itself."""
