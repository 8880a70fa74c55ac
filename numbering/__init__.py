"""What people call a record by: numbers that are counted on and never given twice."""
