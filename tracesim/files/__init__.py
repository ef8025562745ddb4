"""Files that are complete or absent, whatever interrupts their writing."""
