"""TraceSpatial-Bench: its dataset, a published and a corrected scorer, queries of policies, and export of scenes."""
