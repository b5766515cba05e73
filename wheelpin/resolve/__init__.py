"""From requirements to one file a project for a target, or to the facts that say why there are none."""
