"""The gateway: where it listens, what it answers, what it logs, and what that proves. Given a base URL, no
cluster."""
