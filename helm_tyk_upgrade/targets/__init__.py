"""What is upgraded: one adapter for each kind of deployment; today Helm releases."""
