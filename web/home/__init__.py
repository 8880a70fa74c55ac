"""What everybody begins with: home, the inbox, the dashboard, search and help; and whether the register is alive."""
