"""Looking and deciding: gather asks the world, build turns the answers into a plan."""
