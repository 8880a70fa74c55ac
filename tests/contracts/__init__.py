"""What every noun keeps to, tried on each by what it declares: card, list, filters, events, steps."""
