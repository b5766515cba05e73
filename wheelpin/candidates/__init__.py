"""Which files of a project may be chosen for a target, in which order, and why the others may not."""
