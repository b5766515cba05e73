"""What one invocation is to lock, order by order: read, prepared, locked together over shared sessions."""
