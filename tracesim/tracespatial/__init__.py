"""TraceSpatial-Bench: its dataset, a published and a corrected scorer, asking of policies, and export of scenes."""
