"""Certification: what the expert does on consecutive seeds, written into splits and verified."""
