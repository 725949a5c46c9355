"""What must survive a crash: bundles (backups) and journals."""
