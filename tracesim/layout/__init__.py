"""What stands where, as data."""
