"""RefSpatial-Bench: points on still images, scored against masks as published or with corrections."""
