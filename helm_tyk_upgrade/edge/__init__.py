"""The doors to the world: processes, HTTP, files, the clock. Everything else is decisions."""
