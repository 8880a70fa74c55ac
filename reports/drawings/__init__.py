"""Charts, matrices and maps of pages and reports, and the arithmetic that is printed."""
