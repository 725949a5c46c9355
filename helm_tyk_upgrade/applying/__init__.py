"""Carrying a plan out: a state machine over journalled steps."""
