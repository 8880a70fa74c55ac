"""What happened: domain events, their outbox, field-level diffs, the actor behind them, and human numbers."""
