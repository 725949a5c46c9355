"""The Kubernetes API: objects as dicts in, typed records out. Nothing here knows what a gateway is."""
