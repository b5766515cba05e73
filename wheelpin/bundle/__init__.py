"""What ships: wheels, looked through first, laid out as an importable folder or a reproducible archive."""
