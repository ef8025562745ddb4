"""Instructions in words: names of things and directions, templates, questions."""
