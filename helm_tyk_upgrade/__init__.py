"""helm tyk-upgrade: upgrade a Tyk Gateway release and prove that it works."""

__version__ = "0.1.0"
