"""What all listeners share about connections: whose address it is, how many there may be, who may
come in and how often they were wrong, what is held of all, hops in turn."""
