"""The table of official images, compared with the registry that has them."""
