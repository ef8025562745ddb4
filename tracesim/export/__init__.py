"""Export of episodes that were played to the formats of other tools."""
