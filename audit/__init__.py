"""What happened: domain events, their outbox, field-level diffs, and the actor behind them."""
