"""One seed, from the first look to the record."""
