"""What is over all rooms: what waits for whom, handover, what nobody owns, the figures of the dashboard."""
