"""Values: what changes, what a new chart means for each override, which keys no template reads. Pure."""
