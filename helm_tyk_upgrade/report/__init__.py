"""Views of the typed records: terminal, JSON, Markdown. Pure: a record and the masker in, text out."""
