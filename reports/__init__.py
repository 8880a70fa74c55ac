"""What we can prove: frozen PDF reports and the charts that they share with the pages."""
