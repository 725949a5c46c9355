"""Helm, as the user has it: its verbs, its answers, its way of merging values."""
