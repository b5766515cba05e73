"""What the user asks for: requirement lines, constraints, project files, each with its origin."""
