"""What is known about Tyk's versions and charts: questions put to dated data."""
