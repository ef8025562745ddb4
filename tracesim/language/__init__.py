"""What is said: words for things, and several ways to ask for the same."""
