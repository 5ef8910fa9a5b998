"""Photos with depth: read, write and edit what phones make, losing nothing."""
