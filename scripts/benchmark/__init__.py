"""How fast wheelpin locks, beside uv and pip on the same local index; see README.md in this folder."""
