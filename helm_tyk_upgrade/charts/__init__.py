"""Charts: what exists, which one to take, and the archive itself."""
