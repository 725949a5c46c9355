"""The records that cross rooms. No logic beyond properties; nothing here reads or writes anything."""
